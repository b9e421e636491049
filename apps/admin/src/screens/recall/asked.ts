'use client';

import type { QueryRequest } from '@anima/client';
import { useMemo } from 'react';
import { useSpace, useUrlState } from '../../frame/url.ts';
import { type Tier, tiers } from '../../parts/tiers.ts';

const profiles = ['hybrid', 'structural'] as const;
export type Profile = (typeof profiles)[number];
/** Which rankings are shown: one of them, or both beside each other. */
type Shown = 'both' | Profile;

/** What is asked, as the URL has it; undefined while nothing is. */
export interface Asked {
  readonly request: QueryRequest | undefined;
  readonly shown: readonly Profile[];
}

const numberOf = (text: string | null) => (text === null || text === '' ? undefined : Number(text));

export function useAsked(): Asked {
  const space = useSpace();
  const [params] = useUrlState();
  const key = params.toString();
  return useMemo(() => {
    const given = new URLSearchParams(key);
    const query = given.get('q')?.trim();
    const shown = given.get('ranking') as Shown | null;
    const asOf = given.get('asOf');
    const wanted = given
      .get('tiers')
      ?.split(',')
      .filter((one): one is Tier => tiers.some((tier) => tier === one));
    const options = {
      limit: numberOf(given.get('limit')) ?? 10,
      similarityThreshold: numberOf(given.get('threshold')),
      tiers: wanted?.length ? wanted : undefined,
      asOf: asOf === null ? undefined : /^\d+$/.test(asOf) ? Number(asOf) : asOf,
      space: space === 'default' ? undefined : space,
    };
    const present = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
    return {
      request: query ? { query, ...present } : undefined,
      shown: shown === 'hybrid' || shown === 'structural' ? [shown] : profiles,
    };
  }, [key, space]);
}
