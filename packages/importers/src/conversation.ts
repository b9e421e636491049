import type { Findings } from './reading.ts';
import { piecesOf } from './split-markdown.ts';

/** One thing that was said. */
export interface Turn {
  readonly id: string;
  readonly role: 'user' | 'assistant';
  readonly text: string;
  readonly occurredAt: string | undefined;
  readonly place: string;
}

export interface Conversation {
  /** Whose conversation it is: `chatgpt`, `claude`, `claude-code`, `codex`. */
  readonly origin: string;
  readonly id: string;
  /** What it is about: its title, or the project. */
  readonly topic: string;
  readonly turns: readonly Turn[];
}

/** Shorter than this, what was said ("thanks", "go on") means nothing without what came before it. */
const shortestTurn = 12;
/** Scripts that say a sentence in a few characters. */
const dense = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

/** Each turn in its own words, so that either side can be found; a long one in pieces. */
export function addConversation(findings: Findings, { origin, id, topic, turns }: Conversation): void {
  for (const { id: turn, role, text, occurredAt, place } of turns) {
    const words = text.trim();
    if (words === '') continue;
    if (words.length < shortestTurn && !dense.test(words)) {
      findings.skip(`a message of fewer than ${shortestTurn} characters`);
      continue;
    }
    for (const content of piecesOf(words)) {
      findings.add(place, {
        content,
        category: 'conversation',
        tags: [role, topic],
        source: `${origin}:${id}#${turn}`,
        conversationId: `${origin}:${id}`,
        ...(occurredAt === undefined ? {} : { occurredAt }),
      });
    }
  }
}
