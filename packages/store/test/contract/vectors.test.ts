import fc from 'fast-check';
import { sql } from 'kysely';
import { fromSql } from 'pgvector';
import { expect, test } from 'vitest';
import { vectorLiteral } from '../../src/vectors.ts';
import { onEveryEngine } from '../engines.ts';

onEveryEngine('a vector', (opened) => {
  test('arrives bit by bit', async () => {
    const vectors = fc.float32Array({ noNaN: true, noDefaultInfinity: true, minLength: 1, maxLength: 32 });
    await fc.assert(
      fc.asyncProperty(vectors, async (vector) => {
        const { rows } = await sql<{ text: string }>`select ${vectorLiteral(vector)}::vector::text as text`.execute(
          opened().db,
        );
        expect(Float32Array.from(fromSql(rows[0]!.text) as number[])).toEqual(vector);
      }),
    );
  });
});
