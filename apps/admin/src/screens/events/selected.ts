'use client';

import type { LogRequest } from '@anima/client';
import { useMemo } from 'react';
import { useSpace, useUrlState } from '../../frame/url.ts';
import { isKind } from './told.ts';

export type Selected = Pick<LogRequest, 'types' | 'memoryId' | 'conversationId' | 'space'>;

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Which events are shown, as the URL has it. */
export function useSelected(): { readonly selection: Selected; readonly key: string; readonly isNarrowed: boolean } {
  const space = useSpace();
  const [params] = useUrlState();
  const written = ['types', 'memory', 'conversation'].map((name) => params.get(name)?.trim() ?? '');
  const key = JSON.stringify([space, ...written]);
  return useMemo(() => {
    const [, types, memory, conversationId] = JSON.parse(key) as string[];
    const kinds = types?.split(',').filter(isKind);
    const selection: Selected = {
      space,
      ...(kinds?.length ? { types: kinds } : {}),
      ...(memory && uuid.test(memory) ? { memoryId: memory } : {}),
      ...(conversationId ? { conversationId } : {}),
    };
    return { selection, key, isNarrowed: Object.keys(selection).length > 1 };
  }, [key, space]);
}

/** Whether what is written as a memory's id can be one. */
export function isMemoryId(written: string): boolean {
  return written === '' || uuid.test(written);
}
