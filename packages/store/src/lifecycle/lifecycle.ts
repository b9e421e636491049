import type { LifecycleStore, RequestKey, Space } from '@anima/core';
import { sql } from 'kysely';
import type { Database } from '../engine/engine.ts';
import { countLexemes } from '../jobs/count-lexemes.ts';
import type { ChangeLog, ChangeScope } from '../log/change.ts';
import { countSelected, readEntries, readVariants, readVersions } from '../reads/entries.ts';
import type { OpenSpace } from '../spaces.ts';
import { answering } from '../unavailable.ts';
import { keyed } from '../writes.ts';
import { erase } from './erase.ts';
import type { ErasureLedger } from './erasure-ledger.ts';
import { mark, setTier } from './marks.ts';
import { merge, unmerge } from './merge.ts';
import { update } from './update.ts';
import { forget, restore } from './visibility.ts';

export interface LifecycleParts {
  readonly db: Database;
  /** Where the vectors of a space are. */
  readonly tableOf: (space: Space) => string;
  readonly changes: ChangeLog;
  readonly erasures: ErasureLedger;
  readonly open: (space: Pick<Space, 'id'>) => Promise<OpenSpace>;
}

/** Events counted by one transaction before a text goes. */
const countedAtOnce = 200;

/** What happens to memories after they were added. */
export function openLifecycle({ db, tableOf, changes, erasures, open }: LifecycleParts): Omit<LifecycleStore, 'list'> {
  const change = async <Outcome>(
    space: Space,
    request: RequestKey | undefined,
    decide: Parameters<typeof changes.change<Outcome>>[2],
  ) => changes.change(await open(space), keyed(request), decide);

  /** As {@link change}, where a text goes: most of what is to be counted is counted before the head is locked. */
  const changeText = async <Outcome>(
    space: Space,
    request: RequestKey | undefined,
    decide: (scope: ChangeScope, vectorsTables: readonly string[]) => ReturnType<Parameters<typeof change<Outcome>>[2]>,
  ) => {
    while ((await countLexemes(db, space.shard, countedAtOnce)) === countedAtOnce);
    const tables = await vectorsTables(db);
    return change(space, request, (scope) => decide(scope, tables));
  };

  return {
    readEntries: answering((space, ids) => readEntries(db, tableOf(space), space, ids)),
    readVersions: answering((space, id) => readVersions(db, space, id)),
    readVariants: answering((space, id) => readVariants(db, space, id)),
    count: answering((space, selection) => countSelected(db, tableOf(space), space, selection)),
    update: answering((space, id, changed, request) =>
      changeText(space, request, (scope, tables) => update(scope, space, id, changed, tables)),
    ),
    forget: answering((space, ids, request) => change(space, request, (scope) => forget(scope, space, ids))),
    restore: answering((space, ids, request) => change(space, request, (scope) => restore(scope, space, ids))),
    erase: answering((space, ids, request) =>
      changeText(space, request, (scope, tables) =>
        erase(scope, space, ids, tables, (erased) => erasures.record(space.id, erased)),
      ),
    ),
    setTier: answering((space, ids, tier, reason, request) =>
      change(space, request, (scope) => setTier(scope, space, ids, tier, reason)),
    ),
    mark: answering((space, ids, catalyst, request) =>
      change(space, request, (scope) => mark(scope, space, ids, catalyst)),
    ),
    merge: answering((space, pair, similarity, request) =>
      change(space, request, (scope) => merge(scope, space, pair, similarity)),
    ),
    unmerge: answering((space, id, request) => change(space, request, (scope) => unmerge(scope, space, id))),
  };
}

/** Tables of vectors of every model that this database has seen. */
async function vectorsTables(db: Database): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`select 'vectors_' || model_id as name from embedding_models`.execute(db);
  return rows.map(({ name }) => name);
}
