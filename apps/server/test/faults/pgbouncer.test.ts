import { createAnimaClient } from '@anima/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isNativeMissing, nativeDatabase } from './databases.ts';
import { hasPgbouncer, knowsStatements, type PgBouncer, startPgbouncer } from './pgbouncer.ts';
import { startServer } from './server-process.ts';
import { Trial } from './trial.ts';

/** Of the pooler: fewer than requests at a time, so that they take turns on them. */
const sessions = 5;

/** Two processes answer behind a pooler; one works, past it. What `npm test` says where there is none: scripts/test.ts. */
describe.skipIf(isNativeMissing || !hasPgbouncer)('PgBouncer in transaction mode', { timeout: 120_000 }, () => {
  let bouncer: PgBouncer;
  let trial: Trial;

  beforeAll(async () => {
    const database = await nativeDatabase();
    const { DATABASE_URL: direct = '', ...others } = database.settings;
    bouncer = await startPgbouncer(direct, sessions);
    const settings = { ...others, DATABASE_URL: bouncer.through(direct), DATABASE_DIRECT_URL: direct };
    trial = await Trial.open({
      ...{ engine: 'PostgreSQL', database: { ...database, settings }, roles: ['api', 'api', 'worker'] },
      settings: { SHED_ABOVE_MS: '0' },
    });
    await trial.fleet.ready();
  }, 120_000);
  afterAll(async () => {
    await trial?.[Symbol.asyncDispose]();
    await bouncer?.[Symbol.asyncDispose]();
  });

  it('PgBouncer killed (-9) and started again', ({ task }) =>
    trial.survive(task, { times: 2, strike: () => bouncer.kill() }));

  it('nothing of a session is left to the next: no role, no space, no lock, nobody who listens', async () => {
    const { memories } = createAnimaClient({ url: trial.url });
    const spaces = ['mine', 'theirs', 'hers'];
    for (const space of spaces) await memories.add.mutate({ content: `the heron is ${space}`, space });
    const asked = Array.from({ length: 90 }, async (_, index) => {
      const space = spaces[index % 3] ?? '';
      const [list, { memories: found }] = await Promise.all([
        memories.list.query({ space }),
        memories.bootstrap.query({ space }),
      ]);
      const { memories: recalled } = await memories.query.mutate({ query: 'whose heron?', space, record: false });
      return [list.memories, found.active, recalled].map((each) => each.map(({ content }) => content));
    });
    for (const [index, contents] of (await Promise.all(asked)).entries()) {
      const only = `the heron is ${spaces[index % 3]}`;
      expect(contents).toEqual([[only], [only], [only]]);
    }
    const left = await trial.database.read((sql) =>
      sql(`select l.locktype from pg_locks l join pg_stat_activity a using (pid)
        where a.datname = current_database() and a.state = 'idle' and l.locktype = 'advisory'`),
    );
    expect(left).toEqual([]);
  });

  it('changes, surveys, another model and a rebuild: what needs a session of its own has one', async () => {
    const { associations, memories, spaces } = createAnimaClient({ url: trial.url });
    const space = 'changing';
    const { memory } = await memories.add.mutate({ content: 'a plain heron', space, conversationId: 'c' });
    await memories.add.mutate({ content: 'a plain otter', space, conversationId: 'c' });
    await memories.query.mutate({ query: 'plain', space, conversationId: 'c' });
    await memories.update.mutate({ memoryId: memory.id, content: 'a grey heron', space });
    await memories.forget.mutate({ memoryIds: [memory.id], space });
    await memories.restore.mutate({ memoryIds: [memory.id], space });
    expect((await memories.list.query({ space })).memories).toHaveLength(2);
    await associations.networkStats.query({ space });
    expect((await spaces.overview.query({ space })).tiers.active).toBe(2);
    const next = { provider: 'ollama', model: 'another-model' } as const;
    const reembedding = await spaces.reembed.mutate({ space, ...next });
    for await (const _ of reembedding);
    expect((await spaces.describe.query({ space })).model.name).toBe('another-model');
    await memories.erase.mutate({ memoryIds: [memory.id], space });
    expect((await memories.list.query({ space })).memories).toHaveLength(1);
  });

  it('its sessions have the settings that searches need, and the doctor looks', async () => {
    const { meta } = createAnimaClient({ url: trial.url });
    const findings = await meta.doctor.query();
    expect(findings.find(({ subject }) => subject === 'sessions')).toMatchObject({
      status: 'ok',
      message: expect.stringMatching(/^by a pooler/),
    });
    expect(findings.filter(({ status }) => status === 'failure')).toEqual([]);
  });

  it.skipIf(!knowsStatements)('one that knows statements prepares them', async () => {
    await using server = await startServer({ ...trial.settings, ANIMA_ROLE: 'api', DB_PREPARED_STATEMENTS: 'on' });
    const { memories } = createAnimaClient({ url: server.url });
    const asked = Array.from({ length: 60 }, () => memories.list.query({ space: 'mine' }));
    for (const { memories: listed } of await Promise.all(asked)) expect(listed).toHaveLength(1);
  });

  it('end: the whole log says what was acknowledged', () => trial.end());
});
