import { z } from 'zod';
import { personsWords, projectOf, withoutNarration } from './agent-turns.ts';
import { checked } from './checked.ts';
import { addConversation, type Turn } from './conversation.ts';
import type { Findings } from './reading.ts';
import { utc } from './times.ts';
import type { TranscriptLine } from './transcript-line.ts';

/**
 * A session of Codex, `~/.codex/sessions/YYYY/MM/DD/rollout-….jsonl`: since 2025-09 each line says its time and its
 * type, before that the items stood there themselves, behind a first line with the session.
 */
const envelope = z.object({
  timestamp: z.string(),
  type: z.enum(['session_meta', 'response_item', 'event_msg', 'turn_context', 'compacted']),
  payload: z.looseObject({}),
});
const session = z.looseObject({ id: z.string(), timestamp: z.string(), cwd: z.string().nullish() });
const item = z.looseObject({
  type: z.literal('message'),
  role: z.string(),
  content: z.array(z.looseObject({ type: z.string(), text: z.string().nullish() })),
});

export function isCodexLine(value: unknown): boolean {
  return envelope.safeParse(value).success || isOldHead(value);
}

function isOldHead(value: unknown): boolean {
  return session.safeParse(value).success && typeof value === 'object' && value !== null && 'instructions' in value;
}

export function readCodex(name: string, lines: readonly TranscriptLine[], findings: Findings): void {
  const stem = name.replace(/^.*\//, '').replace(/\.jsonl$/, '');
  let id = stem;
  let topic = '';
  let begunAt: string | undefined;
  const turns: Turn[] = [];
  for (const { number, value } of lines) {
    const place = `${name}:${number}`;
    const line = envelope.safeParse(value);
    const type = line.success ? line.data.type : isOldHead(value) ? 'session_meta' : 'response_item';
    const payload = line.success ? line.data.payload : value;
    if (type === 'session_meta') {
      const head = checked(findings, place, session, payload);
      if (!head) continue;
      // A session that goes on from another one repeats that one's head.
      if (begunAt === undefined) ({ id } = head);
      begunAt ??= head.timestamp;
      topic ||= projectOf(head.cwd);
    } else if (type === 'response_item') {
      const occurredAt = utc(line.success ? line.data.timestamp : begunAt);
      turns.push(...turnOf(payload, `${number}`, occurredAt, place, findings));
    } else {
      findings.skip('a record that is no message');
    }
  }
  addConversation(findings, { origin: 'codex', id, topic, turns: withoutNarration(turns, findings) });
}

function turnOf(
  payload: unknown,
  id: string,
  occurredAt: string | undefined,
  place: string,
  findings: Findings,
): Turn[] {
  const isMessage = typeof payload === 'object' && payload !== null && 'type' in payload && payload.type === 'message';
  if (!isMessage) {
    findings.skip('a thought, a call of a tool or its result');
    return [];
  }
  const read = checked(findings, place, item, payload);
  if (!read) return [];
  const { role, content } = read;
  const said = content.flatMap(({ type, text }) => (/^(input|output)_text$/.test(type) && text ? [text] : []));
  const words = said.join('\n\n');
  const text = role === 'user' ? personsWords(words) : words;
  if ((role !== 'user' && role !== 'assistant') || text === '') {
    findings.skip('a message of the program');
    return [];
  }
  return [{ id, role, text, occurredAt, place }];
}
