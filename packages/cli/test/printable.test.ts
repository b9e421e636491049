import { expect, test } from 'vitest';
import { printable } from '../src/output/printable.ts';

test('no control sequence that a memory holds reaches the terminal', () => {
  expect(printable('tea \u001b[31mred\u001b[0m \u001b]0;title\u0007and\u0000\r\n a line')).toBe(
    'tea red and  \n a line',
  );
});
