import {
  type AddInput,
  type AddManyInput,
  type AddResult,
  add,
  addMany,
  type BootstrapInput,
  type BootstrapResult,
  bootstrap,
  type CiteInput,
  type CiteResult,
  type ConfigureInput,
  cite,
  configureSpace,
  describeSpace,
  type QueryInput,
  type QueryResult,
  query,
  type SpaceInput,
  type SpaceResult,
} from '@anima/core';
import type { ApiDependencies } from './dependencies.ts';
import type { Meter, Operation } from './meter.ts';
import type { RequestContext } from './request-context.ts';
import { toAnimaError } from './wire-error.ts';

type Call<Input, Result> = (input: Input, request: RequestContext) => Promise<Result>;

/** Core's use cases over this server's parts, each one measured. Every face calls these and nothing else. */
export interface Operations {
  readonly add: Call<AddInput, AddResult>;
  readonly addMany: Call<AddManyInput, readonly AddResult[]>;
  readonly query: Call<QueryInput, QueryResult>;
  readonly cite: Call<CiteInput, CiteResult>;
  readonly bootstrap: Call<BootstrapInput, BootstrapResult>;
  readonly describeSpace: Call<SpaceInput, SpaceResult>;
  readonly configureSpace: Call<ConfigureInput, SpaceResult>;
}

export function createOperations(dependencies: ApiDependencies, meter: Meter): Operations {
  const measured =
    <Input, Result>(operation: Operation, run: (input: Input) => Promise<Result>): Call<Input, Result> =>
    async (input, request) => {
      try {
        const result = await run(input);
        meter.observe(operation, 'ok', request);
        return result;
      } catch (error) {
        meter.observe(operation, toAnimaError(error).code, request);
        throw error;
      }
    };
  return {
    add: measured('add', (input) => add(dependencies, input)),
    addMany: measured('addMany', (input) => addMany(dependencies, input)),
    query: measured('query', (input) => query(dependencies, input)),
    cite: measured('cite', (input) => cite(dependencies, input)),
    bootstrap: measured('bootstrap', (input) => bootstrap(dependencies, input)),
    describeSpace: measured('describeSpace', (input) => describeSpace(dependencies.store, input)),
    configureSpace: measured('configureSpace', (input) => configureSpace(dependencies.store, input)),
  };
}
