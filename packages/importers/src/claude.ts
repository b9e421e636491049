import { z } from 'zod';
import { checked } from './checked.ts';
import { addConversation, type Turn } from './conversation.ts';
import { Findings, type Reading } from './reading.ts';
import { piecesOf } from './split-markdown.ts';
import { utc } from './times.ts';

/** `conversations.json` of Claude's "Export data", and `memories.json`: what Claude had noted of the person. */
const message = z.looseObject({
  uuid: z.string(),
  sender: z.string(),
  text: z.string().nullish(),
  content: z.array(z.looseObject({ type: z.string(), text: z.string().nullish() })).nullish(),
  created_at: z.string().nullish(),
  parent_message_uuid: z.string().nullish(),
  attachments: z.array(z.unknown()).nullish(),
  files: z.array(z.unknown()).nullish(),
});
const conversation = z.looseObject({
  uuid: z.string(),
  name: z.string().nullish(),
  created_at: z.string().nullish(),
  current_leaf_message_uuid: z.string().nullish(),
  chat_messages: z.array(message),
});
const memories = z.looseObject({
  conversations_memory: z.string().nullish(),
  project_memories: z.record(z.string(), z.string()).nullish(),
});

type Message = z.infer<typeof message>;

export function isClaudeConversation(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'chat_messages' in value;
}

export function isClaudeMemories(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'conversations_memory' in value;
}

/** What both sides said on the branch that the person sees. */
export function readClaude(name: string, conversations: readonly unknown[]): Reading {
  const findings = new Findings();
  for (const [index, value] of conversations.entries()) {
    const at = `${name}: conversation ${index + 1}`;
    const read = checked(findings, at, conversation, value);
    if (!read) continue;
    const { uuid, name: title, created_at, current_leaf_message_uuid, chat_messages } = read;
    const place = title ? `${at} (${title})` : at;
    const branch = branchOf(chat_messages, current_leaf_message_uuid);
    const others = chat_messages.length - branch.length;
    if (others > 0) findings.skip('a message on a branch that was left', others);
    const turns = branch.flatMap((said) => turnOf(said, created_at, place, findings));
    addConversation(findings, { origin: 'claude', id: uuid, topic: title ?? '', turns });
  }
  return findings;
}

export function readClaudeMemories(name: string, values: readonly unknown[]): Reading {
  const findings = new Findings();
  for (const [index, value] of values.entries()) {
    const read = checked(findings, `${name}: item ${index + 1}`, memories, value);
    if (!read) continue;
    const { conversations_memory, project_memories } = read;
    for (const [project, text] of [['', conversations_memory ?? ''], ...Object.entries(project_memories ?? {})]) {
      const source = project === '' ? 'claude:memory' : `claude:memory#${project}`;
      for (const content of piecesOf(text ?? '')) {
        findings.add(name, { content, category: 'memory', tags: ['claude'], source });
      }
    }
  }
  return findings;
}

/** Exports name each message's parent since 2025; older ones are a list. */
function branchOf(messages: readonly Message[], leaf: string | null | undefined): readonly Message[] {
  const byId = new Map(messages.map((each) => [each.uuid, each]));
  if (!messages.some(({ parent_message_uuid: parent }) => parent && byId.has(parent))) return messages;
  const branch = new Set<Message>();
  let at = (leaf ? byId.get(leaf) : undefined) ?? messages.at(-1);
  while (at && !branch.has(at)) {
    branch.add(at);
    at = byId.get(at.parent_message_uuid ?? '');
  }
  return [...branch].toReversed();
}

function turnOf(said: Message, begunAt: string | null | undefined, place: string, findings: Findings): Turn[] {
  const { uuid, sender, text, content, created_at, attachments, files } = said;
  if (sender !== 'human' && sender !== 'assistant') {
    findings.skip('a message of the system or of a tool');
    return [];
  }
  const attached = (attachments?.length ?? 0) + (files?.length ?? 0);
  if (attached > 0) findings.skip('an image or a file', attached);
  const blocks = content ?? [];
  const texts = blocks.flatMap((block) => (block.type === 'text' && block.text ? [block.text] : []));
  const others = blocks.filter(({ type }) => type !== 'text').length;
  if (others > 0) findings.skip('a thought, a call of a tool or its result', others);
  const role = sender === 'human' ? 'user' : 'assistant';
  // The text of old exports; beside blocks it has placeholders for those that are no text.
  const words = blocks.length > 0 ? texts.join('\n\n') : (text ?? '');
  return [{ id: uuid, role, text: words, occurredAt: utc(created_at ?? begunAt), place }];
}
