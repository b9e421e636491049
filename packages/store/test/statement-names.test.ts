import { expect, test } from 'vitest';
import { statementName } from '../src/engine/statement-names.ts';

test('a statement that starts with a comment has a name, always the same; any other has none', () => {
  expect(statementName('/* hot */ select 1')).toMatch(/^anima_[0-9a-f]{24}$/);
  expect(statementName('/* hot */ select 1')).toBe(statementName('/* hot */ select 1'));
  expect(statementName('/* hot */ select 2')).not.toBe(statementName('/* hot */ select 1'));
  expect(statementName('select 1')).toBeUndefined();
});

test('names are bounded: shapes that come late have none, and those before them keep theirs', () => {
  const first = statementName('/* hot */ select 1');
  const named = Array.from({ length: 1_000 }, (_, n) => statementName(`/* hot */ select ${n}`)).filter(Boolean);
  expect(new Set(named).size).toBeGreaterThanOrEqual(200);
  expect(new Set(named).size).toBeLessThan(300);
  expect(statementName('/* hot */ select 1')).toBe(first);
});
