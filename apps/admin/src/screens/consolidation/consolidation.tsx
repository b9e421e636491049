'use client';

import { Stack, Title } from '@mantine/core';
import { useSpace } from '../../frame/url.ts';
import { DryRun } from './dry-run.tsx';
import { Merges } from './merges.tsx';

/** Near-duplicates: those that were merged, and those that another threshold would merge. */
export function Consolidation() {
  const space = useSpace();
  return (
    <>
      <Title order={1} mb="xs">
        Consolidation
      </Title>
      <Stack gap="sm">
        <DryRun key={space} space={space} />
        <Merges space={space} />
      </Stack>
    </>
  );
}
