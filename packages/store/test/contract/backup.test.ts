import { expect, test } from 'vitest';
import { Opened, onEveryEngine } from '../engines.ts';

async function* linesOf(text: string): AsyncGenerator<string> {
  for (const line of text.trimEnd().split('\n')) yield line;
}

onEveryEngine('a backup', (opened) => {
  async function written(): Promise<string> {
    let text = '';
    for await (const piece of opened().store.backup()) text += piece;
    return text;
  }

  /** An empty database of the same kind. */
  async function withAnother<T>(work: (other: Opened) => Promise<T>): Promise<T> {
    const other = await Opened.open(opened().kind);
    try {
      return await work(other);
    } finally {
      await other.close();
    }
  }

  async function lived(): Promise<void> {
    const space = await opened().newSpace();
    await opened().addMany(space, {
      memories: Array.from({ length: 90 }, (_, n) => ({
        content: `memory ${n}: "quoted"\ttab\nline ü 🧠 \\`,
        tags: [`t${n % 3}`],
      })),
    });
    const { memories } = await opened().query(space, { query: 'memory', conversationId: 'talk', limit: 5 });
    await opened().store.forget(space, [memories[0]!.id], undefined);
    await opened().fold(space);
  }

  const verified = async ({ store }: Opened) => {
    const differences: number[] = [];
    for await (const step of store.rebuild({ verify: true })) {
      if (step.type === 'report') differences.push(step.report.differenceCount);
    }
    return differences;
  };

  test('makes an empty database the same, row for row, and a replay of its log agrees', {
    timeout: 180_000,
  }, async () => {
    await lived();
    const text = await written();
    await withAnother(async (other) => {
      const restored = await other.store.restoreBackup(linesOf(text));
      expect(restored.rows).toBeGreaterThan(600);
      const { log_archive: writer, ...found } = await other.fingerprint();
      const { log_archive: formerWriter, ...expected } = await opened().fingerprint();
      expect(found).toEqual(expected);
      // Of two databases that have the same archive, each writes its own files.
      expect(writer).not.toEqual(formerWriter);
      await other.reopen();
      expect(await verified(other)).toEqual([0, 0]);
      const space = await other.store.openSpace('space 1');
      expect((await other.query(space, 'memory 7')).memories.length).toBeGreaterThan(0);
      await other.add(space, 'goes on');
    });
  });

  test('that is cut off, changed, or of another version leaves nothing behind', { timeout: 180_000 }, async () => {
    const lines = (await written()).trimEnd().split('\n');
    const changed = lines.map((line) => (line.startsWith('memories\t') ? line.replace('quoted', 'forged') : line));
    const older = [lines[0]!.replace(/,"[^"]+"\]/, ']'), ...lines.slice(1)];
    await withAnother(async (other) => {
      const before = await other.fingerprint();
      for (const wrong of [lines.slice(0, -1), changed, older, ['{}'], ['no json'], ['', ...lines]]) {
        const restoring = other.store.restoreBackup(linesOf(wrong.join('\n')));
        await expect(restoring).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
      }
      expect(await other.fingerprint()).toEqual(before);
    });
  });

  test('is not restored over what is there', async () => {
    await opened().newSpace();
    await expect(opened().store.restoreBackup(linesOf(await written()))).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});
