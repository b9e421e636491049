import { z } from 'zod';
import { checked } from './checked.ts';
import { addConversation, type Turn } from './conversation.ts';
import { Findings, type Reading } from './reading.ts';
import { utc } from './times.ts';

/**
 * `conversations.json` of ChatGPT's "Export data": each conversation is a tree of messages, in which an edited
 * question and an answer that was asked for again are branches. Large exports come as `conversations-000.json`, ….
 */
const message = z.looseObject({
  author: z.looseObject({ role: z.string() }),
  create_time: z.number().nullish(),
  recipient: z.string().nullish(),
  content: z.looseObject({
    content_type: z.string(),
    parts: z.array(z.unknown()).nullish(),
  }),
  metadata: z.looseObject({ is_visually_hidden_from_conversation: z.boolean().nullish() }).nullish(),
});
const node = z.looseObject({ parent: z.string().nullish(), message: message.nullish() });
const conversation = z.looseObject({
  id: z.string().nullish(),
  conversation_id: z.string().nullish(),
  title: z.string().nullish(),
  create_time: z.number().nullish(),
  current_node: z.string().nullish(),
  mapping: z.record(z.string(), node),
});

type Nodes = z.infer<typeof conversation>['mapping'];

export function isChatGptConversation(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'mapping' in value && typeof value.mapping === 'object';
}

/** What both sides said on the branch that the person sees. */
export function readChatGpt(name: string, conversations: readonly unknown[]): Reading {
  const findings = new Findings();
  for (const [index, value] of conversations.entries()) {
    const at = `${name}: conversation ${index + 1}`;
    const read = checked(findings, at, conversation, value);
    if (!read) continue;
    const { id, conversation_id, title, create_time, current_node, mapping } = read;
    const place = title ? `${at} (${title})` : at;
    const branch = branchOf(mapping, current_node ?? lastOf(mapping));
    if (typeof branch === 'string') {
      findings.fault(place, branch);
      continue;
    }
    const onBranch = new Set(branch);
    const others = Object.entries(mapping).filter(([key, { message: said }]) => said && !onBranch.has(key)).length;
    if (others > 0) findings.skip('a message on a branch that was left', others);
    const turns = branch.flatMap((key) => turnOf(key, mapping[key]?.message, create_time, place, findings));
    const chat = id ?? conversation_id ?? branch[0] ?? `${index + 1}`;
    addConversation(findings, { origin: 'chatgpt', id: chat, topic: title ?? '', turns });
  }
  return findings;
}

/** From the root to a node; or why there is no way. */
function branchOf(mapping: Nodes, leaf: string | undefined): readonly string[] | string {
  const branch: string[] = [];
  let key: string | null | undefined = leaf;
  while (key) {
    const found: z.infer<typeof node> | undefined = mapping[key];
    if (!found) return `mapping.${key}: there is no such message, and another one names it`;
    if (branch.length > Object.keys(mapping).length) return `mapping.${key}: its messages name one another in a circle`;
    branch.unshift(key);
    key = found.parent;
  }
  return branch;
}

function lastOf(mapping: Nodes): string | undefined {
  const times = Object.entries(mapping).map(([key, { message: said }]) => [key, said?.create_time ?? 0] as const);
  return times.toSorted(([, a], [, b]) => b - a)[0]?.[0];
}

function turnOf(
  id: string,
  said: z.infer<typeof message> | null | undefined,
  begunAt: number | null | undefined,
  place: string,
  findings: Findings,
): Turn[] {
  if (!said) return [];
  const { author, content, recipient, metadata, create_time } = said;
  const { role } = author;
  if ((role !== 'user' && role !== 'assistant') || metadata?.is_visually_hidden_from_conversation) {
    findings.skip('a message of the system or of a tool');
    return [];
  }
  const isText = content.content_type === 'text' || content.content_type === 'multimodal_text';
  if (!isText || (recipient && recipient !== 'all')) {
    findings.skip('a thought, a call of a tool or its result');
    return [];
  }
  const parts = content.parts ?? [];
  const texts = parts.flatMap((part) => textOf(part));
  if (texts.length < parts.length) findings.skip('an image or a file', parts.length - texts.length);
  return [{ id, role, text: texts.join('\n\n'), occurredAt: utc(create_time ?? begunAt), place }];
}

/** What was spoken comes as an object with its text. */
function textOf(part: unknown): string[] {
  if (typeof part === 'string') return [part];
  const isSpoken = typeof part === 'object' && part !== null && 'text' in part && typeof part.text === 'string';
  return isSpoken ? [part.text as string] : [];
}
