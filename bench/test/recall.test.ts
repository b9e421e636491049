import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { newFolder, runBench } from './run-bench.ts';

const locomo = process.env.ANIMA_LOCOMO_DIR ?? fileURLToPath(new URL('../../../shared/data/locomo', import.meta.url));

/** The ranking is asked for here, so the model may take its time. */
async function recall(...args: string[]) {
  const { code, data, output } = await runBench(['recall', ...args], { QUERY_EMBED_BUDGET_MS: '10000' });
  expect(code, output).toBe(0);
  return data;
}

test('evidence is matched by memory, so a turn that says the same as another is found too', {
  timeout: 120_000,
}, async () => {
  const folder = newFolder();
  const write = (name: string, lines: readonly object[]) =>
    writeFileSync(join(folder, name), lines.map((line) => JSON.stringify(line)).join('\n'));
  write('tea.memories.jsonl', [
    { content: 'Ada drinks green tea every morning', source: 'turn-1', conversationId: 'chat' },
    { content: 'Ben repaired the old bicycle', source: 'turn-2', conversationId: 'chat' },
    { content: 'Ada drinks green tea every morning', source: 'turn-3', conversationId: 'chat' },
  ]);
  write('tea.questions.jsonl', [
    { question: 'What does Ada drink in the morning?', answer: 'tea', evidence: ['turn-3'], category: 4 },
    { question: 'Who repaired the bicycle?', answer: 'Ben', evidence: ['turn-2', 'turn-of-nobody'], category: 1 },
    { question: 'What has no evidence?', answer: 'this', evidence: [], category: 1 },
  ]);
  const { before, after } = await recall(folder, '--rounds', '2');
  expect(before.total).toEqual({ questions: 2, recall: { 5: 0.75, 10: 0.75, 20: 0.75 }, hitAt10: 1 });
  expect(after).toMatchObject({ changeAt10: 0 });
});

test('recall@10 on real conversations is at least 0.65', { timeout: 600_000 }, async ({ skip }) => {
  skip(!existsSync(locomo), `${locomo} is not there; ANIMA_LOCOMO_DIR names another folder`);
  const { before } = await recall(locomo);
  expect(before.total.recall[10]).toBeGreaterThanOrEqual(0.65);
});
