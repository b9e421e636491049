import { shardCount } from '@anima/core';
import { type Operation, operationNames } from '../mix/operations.ts';
import type { Measured } from './measured.ts';

const giga = 1e9;
const secondsOfDay = 86_400;
const tera = 1e12;

/** Memories that a query recalls, each an access. */
const recalled = 20;
/** A hint to the workers is sent at most so often for a shard and a kind of work, by each process: per second. */
const hintsOfShard = 4;
/** Kinds of work that requests hint at: states, pairs, words, vectors, near-duplicates. */
const hintedWork = 5;

/** What is wanted. */
export interface Wanted {
  readonly spaces: number;
  readonly memories: number;
  readonly requestsPerSecond: number;
  /** Of the requests, each operation; together 1. */
  readonly shares: Readonly<Record<Operation, number>>;
  /** How long events stay in the log of the database, days. */
  readonly logDays: number;
  /** How long receipts of recalls are kept, days. */
  readonly receiptDays: number;
}

/** A machine as it is rented, and how much of it is planned with. */
export interface Machine {
  readonly cores: number;
  readonly memoryGb: number;
  readonly diskTb: number;
  /** So much of its processors and memory; the rest is for peaks, and for when another is gone. */
  readonly used: number;
  /** A database and its stand-bys. */
  readonly copies: number;
}

/** Something that ends at a number of requests a second, or of memories. */
interface Limit {
  readonly name: string;
  readonly at: number;
  readonly of: 'requests a second' | 'memories';
  /** `at` of what is wanted: below 1 it is in the way. */
  readonly headroom: number;
  readonly remedy: string;
}

export interface Plan {
  readonly apiCores: number;
  readonly databaseCores: number;
  readonly hotGb: number;
  readonly diskTb: number;
  /** Of the disk, what the log has in the time that it stays. */
  readonly logTb: number;
  readonly receiptsTb: number;
  readonly walMbPerSecond: number;
  readonly eventsPerSecond: number;
  readonly accessesPerSecond: number;
  /** Jobs a second in the queue, at most: they coalesce. */
  readonly jobsPerSecond: number;
  readonly apiNodes: number;
  /** Without stand-bys. */
  readonly databaseNodes: number;
  /** What asks for so many of these. */
  readonly databaseNodesFor: 'processors' | 'memory' | 'disk';
  /** The one that comes first, first. */
  readonly limits: readonly Limit[];
}

/** Plain multiplication of what was measured on one machine: no network, no skew between shards, no faster processor. */
export function plan(wanted: Wanted, machine: Machine, measured: Measured): Plan {
  const { memories, requestsPerSecond, shares, logDays, receiptDays } = wanted;
  const perRequest = (of: (operation: Operation) => number) =>
    operationNames.reduce((sum, operation) => sum + shares[operation] * of(operation), 0);
  const serverMs = perRequest((operation) => measured.coreMs[operation].server);
  const databaseMs = perRequest((operation) => measured.coreMs[operation].database);
  const eventsOfRequest = shares.add + shares.query;
  const accessesOfRequest = recalled * shares.query;

  const apiCores = (requestsPerSecond * serverMs) / 1_000 / machine.used;
  const databaseCores = (requestsPerSecond * databaseMs) / 1_000 / machine.used;
  const hotGb = (memories * measured.hotBytes) / giga;
  const eventsPerSecond = requestsPerSecond * eventsOfRequest;
  const inDays = (days: number, bytesOfRequest: number) =>
    (requestsPerSecond * bytesOfRequest * days * secondsOfDay) / tera;
  const logTb = inDays(
    logDays,
    perRequest((operation) => measured.eventBytes[operation]),
  );
  const receiptsTb = inDays(receiptDays, shares.query * measured.receiptBytes);
  const diskTb = (memories * measured.diskBytes) / tera + logTb + receiptsTb;
  const nodesFor = {
    processors: Math.ceil(databaseCores / machine.cores),
    memory: Math.ceil(hotGb / machine.used / machine.memoryGb),
    disk: Math.ceil(diskTb / machine.used / machine.diskTb),
  };
  const databaseNodes = Math.max(...Object.values(nodesFor));
  const apiNodes = Math.ceil(apiCores / machine.cores);
  const most = (['processors', 'memory', 'disk'] as const).find((what) => nodesFor[what] === databaseNodes);

  const requestsOf = (name: string, at: number, remedy: string): Limit => {
    return { name, at, of: 'requests a second', headroom: at / requestsPerSecond, remedy };
  };
  const limits: readonly Limit[] = [
    requestsOf(
      `folding: a shard’s accesses in order, ${shardCount} shards`,
      (measured.accessesOfShard * shardCount) / accessesOfRequest,
      'more shards: a number that is chosen before the first memory',
    ),
    requestsOf(
      `appending: a shard’s events in order, ${shardCount} shards`,
      (measured.appendsOfShard * shardCount) / eventsOfRequest,
      'more shards',
    ),
    requestsOf(
      `processors of ${shardCount} database nodes, one for each shard`,
      (shardCount * machine.cores * machine.used * 1_000) / databaseMs,
      'more shards, or larger nodes',
    ),
    requestsOf(
      `disks of ${shardCount} database nodes`,
      (shardCount * machine.diskTb * machine.used * requestsPerSecond) / diskTb,
      'fewer days of log (an archive) and of receipts',
    ),
    {
      ...{ name: `memory of ${shardCount} database nodes`, of: 'memories' },
      at: (shardCount * machine.memoryGb * machine.used * giga) / measured.hotBytes,
      headroom: (shardCount * machine.memoryGb * machine.used * giga) / measured.hotBytes / memories,
      remedy: 'index vectors of large spaces only: a small one is weighed exactly and never asks the graph',
    },
  ];
  return {
    ...{ apiCores, databaseCores, hotGb, diskTb, logTb, receiptsTb, eventsPerSecond, apiNodes, databaseNodes },
    databaseNodesFor: most ?? 'processors',
    walMbPerSecond: (requestsPerSecond * perRequest((operation) => measured.walBytes[operation])) / 1e6,
    accessesPerSecond: requestsPerSecond * accessesOfRequest,
    jobsPerSecond: Math.min(eventsPerSecond * hintedWork, apiNodes * shardCount * hintsOfShard * hintedWork),
    limits: limits.toSorted((a, b) => a.headroom - b.headroom),
  };
}
