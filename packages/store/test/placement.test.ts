import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { distributionColumn, placedTables, placeOf } from '../src/schema/placement.ts';
import type { Manifest } from './manifest.ts';

const { tables } = JSON.parse(await readFile(new URL('schema-manifest.json', import.meta.url), 'utf8')) as Manifest;
const constraintsOf = (table: string) => Object.values(tables[table]?.constraints ?? {});
const distributed = Object.keys(tables).filter((table) => placeOf(table) === 'distributed');

test('every table of the schema has a place, and every place a table', () => {
  expect(Object.keys(tables).filter((table) => placeOf(table) === undefined)).toEqual([]);
  expect(placedTables.filter((table) => !(table in tables))).toEqual([]);
  expect(new Set(placedTables).size).toBe(placedTables.length);
});

test('the vectors of a model are where its memories are; what is not of the schema has no place', () => {
  expect(['vectors_1', 'vectors_27'].map(placeOf)).toEqual(['distributed', 'distributed']);
  expect(['vectors_', 'job', 'kysely_migration'].map(placeOf)).toEqual([undefined, undefined, undefined]);
});

test('every key of a distributed table leads with the shard, so that one node knows whether it is unique', () => {
  for (const table of distributed) {
    const keys = constraintsOf(table).filter((definition) => /^(PRIMARY KEY|UNIQUE)/.test(definition));
    expect(keys.length, table).toBeGreaterThanOrEqual(1);
    for (const key of keys) expect(key, table).toMatch(new RegExp(`\\(${distributionColumn}[,)]`));
    const unique = Object.values(tables[table]!.indexes).filter((definition) => definition.includes('UNIQUE'));
    for (const index of unique) expect(index, table).toMatch(new RegExp(`\\(${distributionColumn}[,)]`));
  }
});

test('a foreign key leads to a table that every node has, or to one beside it by the shard', () => {
  for (const table of Object.keys(tables)) {
    for (const definition of constraintsOf(table)) {
      const [, own = '', other = ''] = definition.match(/^FOREIGN KEY \((.*?)\) REFERENCES (\w+)\(/) ?? [];
      if (other === '' || placeOf(other) === 'reference') continue;
      expect([placeOf(table), placeOf(other)], `${table}: ${definition}`).toEqual(['distributed', 'distributed']);
      expect(own.split(', ')[0], `${table}: ${definition}`).toBe(distributionColumn);
    }
  }
});

test('a table that has a shard is distributed, unless it must be found before its shard is known', () => {
  const withShard = Object.keys(tables).filter((table) => distributionColumn in tables[table]!.columns);
  expect(withShard.filter((table) => placeOf(table) !== 'distributed')).toEqual(['spaces']);
});
