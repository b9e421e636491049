'use client';

import type { LoggedEvent, TailStep } from '@anima/client';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useTRPCClient } from '../../frame/api.ts';
import { follow } from '../../live/follow.ts';
import type { Selected } from './selected.ts';

/** Events that came while the page is open, at most. */
const kept = 1_000;

/** The log from behind, and what comes to it while one looks on. */
export function useLog(selection: Selected, isLive: boolean) {
  const client = useTRPCClient();
  const [fresh, setFresh] = useState<readonly LoggedEvent[]>([]);
  const [skipped, setSkipped] = useState(false);
  const list = useInfiniteQuery({
    queryKey: ['events', selection],
    queryFn: ({ pageParam: cursor, signal }) =>
      client.events.list.query(cursor === null ? selection : { ...selection, cursor }, { signal }),
    initialPageParam: null as number | null,
    getNextPageParam: ({ next }) => next,
  });
  const older = list.data?.pages.flatMap((page) => page.events) ?? [];
  const reached = useRef(0);
  reached.current = Math.max(reached.current, older[0]?.position ?? 0);
  const isLoaded = list.data !== undefined;

  useEffect(() => {
    if (!isLive || !isLoaded) return;
    const take = (step: TailStep) => {
      reached.current = Math.max(reached.current, step.position);
      if (step.skipped) setSkipped(true);
      if (step.events.length > 0) setFresh((before) => together(step.events, before).slice(0, kept));
    };
    // The browser reconnects by itself where it can, from the same place on: what comes twice is known.
    return follow<TailStep>((on) => client.events.tail.subscribe({ ...selection, after: reached.current }, on), take);
  }, [client, selection, isLive, isLoaded]);

  return { list, skipped, events: together(fresh, older) };
}

/** Events of both, the newest first, each once. */
function together(some: readonly LoggedEvent[], others: readonly LoggedEvent[]): readonly LoggedEvent[] {
  const byPosition = new Map([...others, ...some].map((event) => [event.position, event]));
  return [...byPosition.values()].toSorted((a, b) => b.position - a.position);
}
