import {
  type AddInput,
  type AddManyInput,
  add,
  addMany,
  type BootstrapInput,
  bootstrap,
  type ChangeInput,
  type CiteInput,
  type ConfigureInput,
  cite,
  configureSpace,
  describeSpace,
  eraseMemories,
  forgetMemories,
  type GetInput,
  getMemory,
  type ListInput,
  listMemories,
  type MarkInput,
  markCatalysts,
  type QueryInput,
  query,
  restoreMemories,
  type SetTierInput,
  type SpaceInput,
  type StageImportInput,
  setTiers,
  stageImport,
  type UnmergeInput,
  type UpdateInput,
  unmergeMemory,
  updateMemory,
} from '@anima/core';
import type { ApiDependencies } from './dependencies.ts';
import type { Meter } from './meter.ts';
import type { RequestContext } from './request-context.ts';
import { toAnimaError } from './wire-error.ts';

/** Core's use cases over this server's parts. */
function useCases(dependencies: ApiDependencies) {
  const { store } = dependencies;
  return {
    add: (input: AddInput) => add(dependencies, input),
    addMany: (input: AddManyInput) => addMany(dependencies, input),
    query: (input: QueryInput) => query(dependencies, input),
    cite: (input: CiteInput) => cite(dependencies, input),
    bootstrap: (input: BootstrapInput) => bootstrap(dependencies, input),
    get: (input: GetInput) => getMemory(store, input),
    list: (input: ListInput) => listMemories(store, input),
    update: (input: UpdateInput) => updateMemory(dependencies, input),
    forget: (input: ChangeInput) => forgetMemories(store, input),
    restore: (input: ChangeInput) => restoreMemories(store, input),
    erase: (input: ChangeInput) => eraseMemories(dependencies, input),
    setTier: (input: SetTierInput) => setTiers(store, input),
    mark: (input: MarkInput) => markCatalysts(store, input),
    unmerge: (input: UnmergeInput) => unmergeMemory(store, input),
    describeSpace: (input: SpaceInput) => describeSpace(store, input),
    configureSpace: (input: ConfigureInput) => configureSpace(store, input),
    stageImport: (input: StageImportInput) => stageImport(store, input),
  };
}
type UseCases = ReturnType<typeof useCases>;

/** The use cases, each one measured. Every face calls these and nothing else. */
export type Operations = {
  readonly [Name in keyof UseCases]: (
    input: Parameters<UseCases[Name]>[0],
    request: RequestContext,
  ) => ReturnType<UseCases[Name]>;
};

export function createOperations(dependencies: ApiDependencies, meter: Meter): Operations {
  const measured =
    <Input, Result>(operation: string, run: (input: Input) => Promise<Result>) =>
    async (input: Input, request: RequestContext) => {
      try {
        const result = await run(input);
        meter.observe(operation, 'ok', request);
        return result;
      } catch (error) {
        meter.observe(operation, toAnimaError(error).code, request);
        throw error;
      }
    };
  const operations = Object.entries(useCases(dependencies)).map(([name, run]) => [
    name,
    measured(name, run as (input: unknown) => Promise<unknown>),
  ]);
  return Object.fromEntries(operations) as Operations;
}
