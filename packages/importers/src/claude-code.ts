import { z } from 'zod';
import { personsWords, projectOf, withoutNarration } from './agent-turns.ts';
import { checked } from './checked.ts';
import { addConversation, type Turn } from './conversation.ts';
import type { Findings } from './reading.ts';
import { utc } from './times.ts';
import type { TranscriptLine } from './transcript-line.ts';

/**
 * A session of Claude Code, `~/.claude/projects/PROJECT/SESSION.jsonl`. Its format is nobody's promise: this is what
 * versions 1 and 2 write.
 */
const block = z.looseObject({ type: z.string(), text: z.string().nullish() });
const record = z.looseObject({
  type: z.enum(['user', 'assistant']),
  sessionId: z.string(),
  uuid: z.string(),
  timestamp: z.string().nullish(),
  cwd: z.string().nullish(),
  isSidechain: z.boolean().nullish(),
  isMeta: z.boolean().nullish(),
  isCompactSummary: z.boolean().nullish(),
  message: z.looseObject({
    id: z.string().nullish(),
    content: z.union([z.string(), z.array(block)]),
  }),
});

/** Records that are no messages: titles, snapshots, states. */
const otherTypes =
  /^(summary|system|progress|custom-title|ai-title|last-prompt|queue-operation|attachment|agent-name|pr-link|permission-mode|mode|file-history-[a-z]+)$/;

export function isClaudeCodeLine(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('type' in value)) return false;
  const { type } = value;
  if (type === 'user' || type === 'assistant') return 'message' in value;
  const belongsToSession = ['sessionId', 'leafUuid', 'messageId'].some((key) => key in value);
  return typeof type === 'string' && otherTypes.test(type) && belongsToSession;
}

export function readClaudeCode(name: string, lines: readonly TranscriptLine[], findings: Findings): void {
  const sessions = new Map<string, { topic: string; turns: Turn[] }>();
  for (const { number, value } of lines) {
    const place = `${name}:${number}`;
    if (!hasMessage(value)) {
      findings.skip('a record that is no message');
      continue;
    }
    const said = checked(findings, place, record, value);
    if (!said) continue;
    const session = sessions.get(said.sessionId) ?? { topic: projectOf(said.cwd), turns: [] };
    sessions.set(said.sessionId, session);
    session.turns.push(...turnOf(said, place, findings));
  }
  for (const [id, { topic, turns }] of sessions) {
    addConversation(findings, { origin: 'claude-code', id, topic, turns: withoutNarration(turns, findings) });
  }
}

function hasMessage(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'type' in value && /^(user|assistant)$/.test(`${value.type}`);
}

function turnOf(said: z.infer<typeof record>, place: string, findings: Findings): Turn[] {
  const { type: role, uuid, timestamp, isSidechain, isMeta, isCompactSummary, message } = said;
  if (isSidechain) {
    findings.skip('a message between an agent and its helper');
    return [];
  }
  if (isMeta || isCompactSummary) {
    findings.skip('a message of the program');
    return [];
  }
  const blocks = typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : message.content;
  const others = blocks.filter(({ type }) => type !== 'text').length;
  if (others > 0) findings.skip('a thought, a call of a tool or its result', others);
  const words = blocks.flatMap(({ type, text }) => (type === 'text' && text ? [text] : [])).join('\n\n');
  const text = role === 'user' ? personsWords(words) : words;
  if (text.trim() === '') {
    if (words.trim() !== '') findings.skip('a message of the program');
    return [];
  }
  return [{ id: message.id ?? uuid, role, text, occurredAt: utc(timestamp), place }];
}
