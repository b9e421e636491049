import { expect, test } from 'vitest';
import { unfitBackend } from '../src/engine/check-server.ts';

const coordinator = { isCoordinator: true, distributed: 1 };
const fresh = { isCoordinator: true, distributed: 0 };

test('what a database is, and what DATABASE_BACKEND says, may be the same', () => {
  expect(unfitBackend('postgres', { citus: null }, undefined)).toBeUndefined();
  expect(unfitBackend('citus', { citus: '13.2-1' }, fresh)).toBeUndefined();
  expect(unfitBackend('citus', { citus: '13.2-1' }, coordinator)).toBeUndefined();
  expect(unfitBackend('citus', { citus: '14.0-1' }, coordinator)).toBeUndefined();
});

test('Citus that somebody else has installed keeps no server from starting', () => {
  expect(unfitBackend('postgres', { citus: '13.2-1' }, fresh)).toBeUndefined();
});

test.each([
  ['postgres', '13.2-1', coordinator, /spread over nodes by Citus: set DATABASE_BACKEND=citus$/],
  ['citus', null, undefined, /run "create extension citus" on every node/],
  ['citus', '12.1-1', fresh, /Citus 13 or newer is needed, this is 12\.1-1$/],
  ['citus', '13.2-1', { ...fresh, isCoordinator: false }, /leads to a worker: it must lead to the coordinator$/],
] as const)('%s on %s: the start is refused, with what to do', (backend, citus, distribution, line) => {
  expect(unfitBackend(backend, { citus }, distribution)).toMatch(line);
});
