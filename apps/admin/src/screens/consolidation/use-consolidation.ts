'use client';

import type { ConsolidationStep, DuplicatePair } from '@anima/client';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useTRPCClient } from '../../frame/api.ts';

export interface Run {
  readonly isRunning: boolean;
  readonly isDryRun: boolean;
  readonly examined: number;
  readonly total: number;
  readonly pairs: readonly DuplicatePair[];
  /** Whether it came to its end, and was not stopped. */
  readonly isWhole: boolean;
  readonly error?: unknown;
}

/** Looks through a space for memories that are the same, step by step; stopped when the page is left. */
export function useConsolidation(space: string) {
  const client = useTRPCClient();
  const queries = useQueryClient();
  const [run, setRun] = useState<Run>();
  const stopping = useRef<AbortController>(undefined);
  useEffect(() => () => stopping.current?.abort(), []);

  const start = async (request: { readonly threshold: number | undefined; readonly dryRun: boolean }) => {
    const stop = new AbortController();
    stopping.current = stop;
    const { threshold, dryRun } = request;
    let now: Run = { isRunning: true, isDryRun: dryRun, examined: 0, total: 0, pairs: [], isWhole: false };
    setRun(now);
    try {
      const input = { space, dryRun, ...(threshold === undefined ? {} : { threshold }) };
      for await (const step of await client.spaces.consolidate.mutate(input, { signal: stop.signal })) {
        now = after(now, step);
        setRun(now);
      }
    } catch (error) {
      if (!stop.signal.aborted) now = { ...now, error };
    }
    setRun({ ...now, isRunning: false });
    if (!dryRun) await queries.invalidateQueries();
  };
  return { run, start, stop: () => stopping.current?.abort() };
}

function after(run: Run, step: ConsolidationStep): Run {
  if (step.type === 'pair') return { ...run, pairs: [...run.pairs, step.pair] };
  if (step.type === 'progress') return { ...run, examined: step.examined, total: step.total };
  return { ...run, examined: step.examined, isWhole: true };
}
