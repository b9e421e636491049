import { AnimaError, type Job, type JobQueue, type JobState, type JobStore, jobStates } from '@anima/core';
import { type RawBuilder, sql } from 'kysely';
import type { PgBoss } from 'pg-boss';
import type { Database } from '../engine/engine.ts';
import { decayQueue } from './decay.ts';
import { queues } from './queues.ts';

const names = [...Object.values(queues), decayQueue].toSorted();

/** The states of the queue's own table that each of ours stands for. */
const states: Readonly<Record<JobState, readonly string[]>> = {
  waiting: ['created', 'retry'],
  active: ['active'],
  failed: ['failed', 'cancelled'],
  completed: ['completed'],
};

const ours = new Map(jobStates.flatMap((state) => states[state].map((theirs) => [theirs, state] as const)));

interface JobRow {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly shard: number | null;
  readonly created_on: Date;
  readonly started_on: Date | null;
  readonly completed_on: Date | null;
  readonly reason: string | null;
}

/** The queue as its operators see it. */
export function inspectJobs(db: Database, boss: PgBoss): JobStore {
  return {
    async readQueues() {
      const { rows } = await sql<{ name: string; state: string; count: number; last: Date | null }>`
        select name, state, count(*)::int as count, max(completed_on) as last from pgboss.job
        where name = any(${names}::text[]) group by name, state`.execute(db);
      return names.map((queue): JobQueue => {
        const ofQueue = rows.filter(({ name }) => name === queue);
        const count = (state: JobState) =>
          ofQueue.filter((row) => ours.get(row.state) === state).reduce((sum, row) => sum + row.count, 0);
        const jobs = Object.fromEntries(jobStates.map((state) => [state, count(state)])) as JobQueue['jobs'];
        const last = ofQueue.find(({ state }) => state === 'completed')?.last;
        return { queue, jobs, completedAt: last?.toISOString() ?? null };
      });
    },
    async readJobs({ queue, state, limit }) {
      const given: RawBuilder<unknown>[] = [
        queue === undefined ? sql`name = any(${names}::text[])` : sql`name = ${queue}`,
        ...(state === undefined ? [] : [sql`state::text = any(${states[state]}::text[])`]),
      ];
      const { rows } = await sql<JobRow>`
        select id, name, state, (data->>'shard')::int as shard, created_on, started_on, completed_on,
          case when state in ('failed', 'cancelled') then coalesce(output->>'message', output::text) end as reason
        from pgboss.job where ${sql.join(given, sql` and `)}
        order by created_on desc, id limit ${sql.lit(limit)}`.execute(db);
      return rows.map(toJob);
    },
    async retryJob(queue, jobId) {
      const { rows } = await sql<{ state: string; data: object | null }>`
        select state, data from pgboss.job where name = ${queue} and id = ${jobId}`.execute(db);
      const [job] = names.includes(queue) ? rows : [];
      if (!job) throw new AnimaError('NOT_FOUND', `jobId: there is no job ${jobId} in queue "${queue}"`);
      if (ours.get(job.state) !== 'failed') {
        throw new AnimaError('CONFLICT', `jobId: job ${jobId} did not fail, it is ${job.state}`);
      }
      // A job of its own, beside the hint that may wait for the same shard.
      await boss.insert(queue, [{ data: { ...job.data, atOnce: true } }], { returnId: false });
      await boss.deleteJob(queue, jobId);
    },
  };
}

function toJob({ id, name, state, created_on, started_on, completed_on, ...row }: JobRow): Job {
  return {
    ...row,
    jobId: id,
    queue: name,
    state: ours.get(state) ?? 'waiting',
    createdAt: created_on.toISOString(),
    startedAt: started_on?.toISOString() ?? null,
    endedAt: completed_on?.toISOString() ?? null,
  };
}
