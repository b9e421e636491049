import { stripVTControlCharacters } from 'node:util';

/** Text from a memory as a terminal may show it: a stored escape sequence must not steer it. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
  return stripVTControlCharacters(text).replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, ' ');
}
