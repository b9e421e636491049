'use client';

import type { LiveSample, LiveStep } from '@anima/client';
import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from 'react';
import { useTRPCClient } from '../frame/api.ts';
import { follow } from './follow.ts';

export interface Live {
  /** `connecting` until the server answers for the first time; `away` when it did and does no more, or never does. */
  readonly connection: 'connecting' | 'live' | 'away';
  /** Of the last quarter of an hour, oldest first. */
  readonly samples: readonly LiveSample[];
}

const kept = 450;
const nothing: Live = { connection: 'connecting', samples: [] };
const LiveContext = createContext<Live>(nothing);

/** How the server does, as it says every two seconds. */
export const useLive = () => useContext(LiveContext);

/** Follows the server's own numbers, by which every page also knows whether it is there. */
export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const client = useTRPCClient();
  const queries = useQueryClient();
  const [live, setLive] = useState<Live>(nothing);
  const wasAway = useRef(false);

  useEffect(() => {
    const away = () => {
      wasAway.current = true;
      setLive(({ samples }) => ({ connection: 'away', samples }));
    };
    const take = (step: LiveStep) => {
      if (step.type === 'history') setLive({ connection: 'live', samples: step.samples });
      else setLive(({ samples }) => ({ connection: 'live', samples: [...samples, step.sample].slice(-kept) }));
      if (!wasAway.current) return;
      // Whatever a page failed to get, or has from before, it asks for anew.
      wasAway.current = false;
      void queries.invalidateQueries();
    };
    return follow<LiveStep>(
      (on) => client.meta.live.subscribe(undefined, on),
      take,
      (connected) => {
        if (!connected) away();
      },
    );
  }, [client, queries]);
  return <LiveContext value={live}>{children}</LiveContext>;
}
