import type { AddManyRequest } from '@anima/client';
import type { LanguageModelMiddleware } from 'ai';

export type CallOptions = Parameters<NonNullable<LanguageModelMiddleware['transformParams']>>[0]['params'];
type Message = CallOptions['prompt'][number];
export type NewMemory = AddManyRequest['memories'][number];

/** What was said in one turn of a conversation. */
export interface Turn {
  readonly user: string;
  readonly assistant: string;
}

/** What the user said last; empty where it was no text. */
export function lastUserText({ prompt }: CallOptions): string {
  const last = prompt.findLast((message) => message.role === 'user');
  return last ? textOf(last) : '';
}

/** Whether a call begins a turn, rather than going on after the answer of a tool. */
export function beginsTurn({ prompt }: CallOptions): boolean {
  return prompt.at(-1)?.role === 'user';
}

/** The prompt with a text behind its system messages, before all that was said: providers want those in front. */
export function withSystemText(params: CallOptions, text: string): CallOptions {
  const first = params.prompt.findIndex(({ role }) => role !== 'system');
  const at = first === -1 ? params.prompt.length : first;
  return { ...params, prompt: params.prompt.toSpliced(at, 0, { role: 'system', content: text }) };
}

function textOf({ content }: Extract<Message, { role: 'user' }>): string {
  return content
    .flatMap((part) => (part.type === 'text' ? [part.text] : []))
    .join('\n')
    .trim();
}

/** The longest content that a memory may have. */
const contentLength = 50_000;

/** A turn as memories: each side in its own words, so that either can be found. */
export function memoriesOf({ user, assistant }: Turn): NewMemory[] {
  const said = [
    { content: user, tags: ['user'] },
    { content: assistant, tags: ['assistant'] },
  ];
  return said
    .filter(({ content }) => content.trim() !== '')
    .map((memory) => ({ ...memory, content: memory.content.slice(0, contentLength).toWellFormed() }));
}
