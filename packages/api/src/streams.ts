import {
  type ApplyImportInput,
  applyImport,
  type ConsolidateInput,
  consolidate,
  type ExportInput,
  exportSpace,
  type TailInput,
} from '@anima/core';
import type { ApiDependencies } from './dependencies.ts';
import type { LiveSampler } from './live/live-sampler.ts';
import type { LogTail } from './live/log-tail.ts';
import type { RequestContext } from './request-context.ts';

/** What answers in steps, and takes as long as it takes: nothing of it is measured. */
export function openStreams(
  dependencies: ApiDependencies,
  { live, tail }: { readonly live: LiveSampler; readonly tail: LogTail },
) {
  const { store } = dependencies;
  return {
    consolidate: (input: ConsolidateInput) => consolidate(dependencies, input),
    exportSpace: (input: ExportInput) => exportSpace(store, input),
    applyImport: (input: ApplyImportInput) => applyImport(store, input),
    backup: (_: undefined) => store.backup(),
    rebuild: (input: { readonly verify: boolean; readonly full: boolean }) => store.rebuild(input),
    archiveLog: (input: { readonly dryRun: boolean }) => store.archiveLog(input),
    tail: (input: TailInput, signal: AbortSignal | undefined) => tail.follow(input, signal),
    live: (_: undefined, signal: AbortSignal | undefined) => live.follow(signal),
  };
}

/** The same steps, for as long as the key that asked for them opens anything. */
export async function* whileWelcome<Step>(
  steps: AsyncIterable<Step>,
  { confirm }: RequestContext,
): AsyncGenerator<Step, void, undefined> {
  for await (const step of steps) {
    await confirm();
    yield step;
  }
}
