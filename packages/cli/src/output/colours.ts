import { styleText } from 'node:util';

/** Without colours where the stream is no terminal or `NO_COLOR` is set. */
export const bold = (text: string): string => styleText('bold', text);
export const dim = (text: string): string => styleText('dim', text);
export const warn = (text: string): string => styleText('yellow', text, { stream: process.stderr });
