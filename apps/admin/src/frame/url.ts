'use client';

import { usePathname, useSearchParams } from 'next/navigation';
import { useCallback } from 'react';

export type Params = Readonly<Record<string, string | undefined>>;

/** The space that is looked at: `space` in the URL, so that a link shows what its sender saw. */
export function useSpace(): string {
  return useSearchParams().get('space') ?? 'default';
}

/** Writes links that stay in the space that is looked at. */
export function useHref(): (path: string, params?: Params) => string {
  const space = useSpace();
  return useCallback((path, params = {}) => hrefOf(path, { space: spaceParam(space), ...params }), [space]);
}

/** Undefined for the space that is looked at anyway. */
export function spaceParam(space: string): string | undefined {
  return space === 'default' ? undefined : space;
}

/**
 * What a screen is set to, as its URL has it: the back button undoes it, and a link shows it to others.
 *
 * @returns the parameters, and what changes some of them: `undefined` takes one out. `replace` for what changes with
 * every key, which nobody wants to go back through.
 */
export function useUrlState(): readonly [URLSearchParams, (changes: Params, how?: 'push' | 'replace') => void] {
  const params = useSearchParams();
  const path = usePathname();
  const change = useCallback(
    (changes: Params, how: 'push' | 'replace' = 'push') => {
      const href = hrefOf(path, { ...Object.fromEntries(new URLSearchParams(window.location.search)), ...changes });
      if (how === 'push') window.history.pushState(null, '', href);
      else window.history.replaceState(null, '', href);
    },
    [path],
  );
  return [params, change];
}

function hrefOf(path: string, params: Params): string {
  const given = Object.entries(params).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return given.length > 0 ? `${path}?${new URLSearchParams(given)}` : path;
}
