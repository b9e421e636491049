import { expect, test } from 'vitest';
import { measured } from '../src/plan/measured.ts';
import { type Machine, plan, type Wanted } from '../src/plan/plan.ts';

const wanted: Wanted = {
  ...{ spaces: 1_000, memories: 1_000_000, requestsPerSecond: 100, logDays: 30, receiptDays: 30 },
  shares: { add: 0.2, query: 0.6, bootstrap: 0.2 },
};
const machine: Machine = { cores: 16, memoryGb: 64, diskTb: 4, used: 0.5, copies: 1 };

test('twice the requests take twice the processors, twice the memories twice the memory and disk', () => {
  const [one, requests, memories] = [
    plan(wanted, machine, measured),
    plan({ ...wanted, requestsPerSecond: 200 }, machine, measured),
    plan({ ...wanted, memories: 2_000_000 }, machine, measured),
  ];
  expect(requests.apiCores).toBeCloseTo(2 * one.apiCores);
  expect(requests.databaseCores).toBeCloseTo(2 * one.databaseCores);
  expect(requests.walMbPerSecond).toBeCloseTo(2 * one.walMbPerSecond);
  expect(memories.hotGb).toBeCloseTo(2 * one.hotGb);
  expect(memories.diskTb - memories.logTb - memories.receiptsTb).toBeCloseTo(
    2 * (one.diskTb - one.logTb - one.receiptsTb),
  );
  expect(memories.databaseCores).toBe(one.databaseCores);
});

test('the mix has a recall of twenty in six of ten requests, and eight of ten write an event', () => {
  expect(plan(wanted, machine, measured)).toMatchObject({ accessesPerSecond: 1_200, eventsPerSecond: 80 });
});

test('what asks for the most machines says how many there are', () => {
  const large = plan({ ...wanted, memories: 1_000_000_000 }, machine, measured);
  expect(large.databaseNodes).toBe(Math.ceil(large.hotGb / 0.5 / 64));
  expect(large.databaseNodesFor).toBe('memory');
  const busy = plan({ ...wanted, requestsPerSecond: 50_000, logDays: 0.1, receiptDays: 0.1 }, machine, measured);
  expect(busy.databaseNodes).toBe(Math.ceil(busy.databaseCores / 16));
  expect(busy.databaseNodesFor).toBe('processors');
});

test('the limit that comes first stands first, and is in the way when less than what is wanted', () => {
  const { limits } = plan({ ...wanted, requestsPerSecond: 50_000 }, machine, measured);
  expect(limits.map(({ headroom }) => headroom)).toEqual(
    limits.map(({ headroom }) => headroom).toSorted((a, b) => a - b),
  );
  for (const { at, of, headroom } of limits) {
    expect(headroom).toBeCloseTo(at / (of === 'memories' ? wanted.memories : 50_000));
  }
});

test('jobs coalesce: past a point more requests send no more of them', () => {
  const jobs = (requestsPerSecond: number) => plan({ ...wanted, requestsPerSecond }, machine, measured).jobsPerSecond;
  expect(jobs(10)).toBe(10 * 0.8 * 5);
  expect(jobs(1_500)).toBeLessThan(1_500 * 0.8 * 5);
});
