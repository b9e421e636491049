import { expect, test } from 'vitest';
import { taskCounts } from './routing/tasks.ts';

/** As Citus explains in JSON. */
const explained = (tasks: number, subplans: readonly unknown[] = []) => [
  {
    Plan: {
      'Node Type': 'Custom Scan',
      'Custom Plan Provider': 'Citus Adaptive',
      'Distributed Query': {
        Subplans: subplans,
        Job: {
          'Task Count': tasks,
          'Tasks Shown': 'One',
          Tasks: [{ Node: 'host=node-1', 'Remote Plan': [[{ Plan: {} }]] }],
        },
      },
    },
  },
];

test('the tasks of a plan are counted, those of its steps too', () => {
  expect(taskCounts([{ 'QUERY PLAN': explained(1) }])).toEqual([1]);
  expect(taskCounts([{ 'QUERY PLAN': explained(1, [{ PlannedStmt: explained(64) }]) }])).toEqual([64, 1]);
  expect(taskCounts([{ 'QUERY PLAN': [{ Plan: { 'Node Type': 'Result' } }] }])).toEqual([]);
});
