import { styleText } from 'node:util';

// Without colours where the stream is no terminal, or `NO_COLOR` is set; with them where `FORCE_COLOR` is.

export const bold = (text: string): string => styleText('bold', text);
/** What is there for reference: ids, times, names of fields. */
export const dim = (text: string): string => styleText('dim', text);
/** It is done, or well. */
export const good = (text: string): string => styleText('green', text);
export const warn = (text: string): string => styleText('yellow', text);
export const bad = (text: string): string => styleText('red', text);

// On stderr, where progress and what went wrong are said.
export const dimAside = (text: string): string => styleText('dim', text, { stream: process.stderr });
export const warnAside = (text: string): string => styleText('yellow', text, { stream: process.stderr });
export const badAside = (text: string): string => styleText('red', text, { stream: process.stderr });
