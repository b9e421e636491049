import type { StoreOperations } from '../operations.ts';
import type { MemoryStore } from '../ports.ts';
import type { ArchiveStore } from './archive.ts';
import type { AssociationStore } from './associations.ts';
import type { BackupStore } from './backup.ts';
import type { BenchStore } from './bench.ts';
import type { CatalystStore } from './catalysts.ts';
import type { DuplicateStore } from './duplicates.ts';
import type { HistoryStore } from './history.ts';
import type { JobStore } from './jobs.ts';
import type { KeyStore } from './keys.ts';
import type { LifecycleStore } from './lifecycle.ts';
import type { LogStore } from './log.ts';
import type { MergeStore } from './merges.ts';
import type { NetworkStore } from './network.ts';
import type { SurveyStore } from './survey.ts';
import type { TransferStore } from './transfer.ts';

/** Everything that a server asks of its store; a use case names the part that it needs. */
export interface ServerStore
  extends MemoryStore,
    LifecycleStore,
    DuplicateStore,
    AssociationStore,
    CatalystStore,
    HistoryStore,
    SurveyStore,
    NetworkStore,
    MergeStore,
    LogStore,
    JobStore,
    TransferStore,
    BackupStore,
    ArchiveStore,
    BenchStore,
    KeyStore,
    StoreOperations {}
