'use client';

import type { ListRequest } from '@anima/client';
import { useMemo } from 'react';
import { useSpace, useUrlState } from '../../frame/url.ts';
import { type Tier, tiers } from '../../parts/tiers.ts';

/** What the list shows, as the URL has it. */
export interface Listed {
  readonly request: Omit<ListRequest, 'cursor'>;
  /** What of it chooses memories: the condition of a change of all that are listed. */
  readonly where: NonNullable<Pick<ListRequest, 'words' | 'tiers' | 'category' | 'tags' | 'source' | 'visibility'>> &
    Pick<ListRequest, 'isCatalyst' | 'isPending'>;
  readonly isNarrowed: boolean;
}

export const orders = { created: 'Added', accessed: 'Last accessed', resonance: 'Resonance φ' } as const;
export const visibilities = { live: 'Live', hidden: 'Forgotten', merged: 'Merged', expired: 'Expired' } as const;

const pageSize = 100;

export function useListed(): Listed {
  const space = useSpace();
  const [params] = useUrlState();
  const key = params.toString();
  return useMemo(() => {
    const given = new URLSearchParams(key);
    const text = (name: string) => given.get(name)?.trim() || undefined;
    const list = (name: string) => text(name)?.split(',').filter(Boolean);
    const wantedTiers = list('tiers')?.filter((one): one is Tier => tiers.some((tier) => tier === one));
    const conditions = {
      words: text('q'),
      tiers: wantedTiers?.length ? wantedTiers : undefined,
      category: text('category'),
      tags: list('tags'),
      source: text('source'),
      isCatalyst: given.has('catalyst') ? true : undefined,
      isPending: given.has('pending') ? (true as const) : undefined,
    };
    const visibility = keyOf(visibilities, text('visibility')) ?? 'live';
    const where = { ...Object.fromEntries(Object.entries(conditions).filter(([, value]) => value)), visibility };
    const order = keyOf(orders, text('order')) ?? 'created';
    return {
      where,
      isNarrowed: Object.values(conditions).some(Boolean) || visibility !== 'live',
      request: { ...where, space, order, descending: !given.has('ascending'), limit: pageSize },
    };
  }, [key, space]);
}

function keyOf<Names extends object>(names: Names, key: string | undefined): keyof Names | undefined {
  return key !== undefined && key in names ? (key as keyof Names) : undefined;
}
