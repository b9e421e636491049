import { shardCount } from '@anima/core';
import type { Engine } from '../engine/engine.ts';
import type { SearchIndex } from './search-indexes.ts';

/**
 * The graphs (HNSW) of a model's vectors, one for each shard: so a space shares its graph with few others, and a search
 * passes by few that it does not want (ADR 25). On Citus there is one, as the table is cut by shard there already.
 */
export function vectorIndexes(
  { isDistributed, vectorType, hnswOptions }: Engine,
  { vectorsTable, dimensions }: { readonly vectorsTable: string; readonly dimensions: number },
): readonly SearchIndex[] {
  const { operatorClass } = vectorType(dimensions);
  const definition = `${vectorsTable} using hnsw (embedding ${operatorClass}) ${hnswOptions}`;
  const ofAll = `${vectorsTable}_hnsw`;
  const ofShards = Array.from({ length: shardCount }, (_, shard) => ({
    name: vectorIndexOf(vectorsTable, shard),
    definition: `${definition} where shard = ${shard}::smallint`,
    replaces: [ofAll],
  }));
  return isDistributed ? [{ name: ofAll, definition, replaces: ofShards.map(({ name }) => name) }] : ofShards;
}

/** Name of the graph that holds the vectors of a shard, where each shard has one. */
export function vectorIndexOf(vectorsTable: string, shard: number): string {
  return `${vectorsTable}_hnsw_${shard}`;
}
