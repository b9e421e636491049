'use client';

import { Autocomplete } from '@mantine/core';
import { IconDatabase } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTRPC } from './api.ts';
import { spaceParam, useSpace, useUrlState } from './url.ts';

/** Which space is looked at. A name that no space has yet is one that is empty. */
export function SpacePicker() {
  const space = useSpace();
  const [, change] = useUrlState();
  const trpc = useTRPC();
  const [written, setWritten] = useState<string>();
  const search = written?.trim() || undefined;
  const { data } = useQuery({
    ...trpc.spaces.list.queryOptions({ search, limit: 50 }),
    enabled: written !== undefined,
    placeholderData: (before) => before,
  });
  const go = (name: string) => {
    setWritten(undefined);
    if (name && name !== space) change({ space: spaceParam(name), cursor: undefined });
  };
  return (
    <Autocomplete
      size="xs"
      w={{ base: 130, sm: 190 }}
      aria-label="Space"
      leftSection={<IconDatabase size={14} />}
      data={data?.spaces.map(({ space: name }) => name) ?? []}
      filter={({ options }) => options}
      value={written ?? space}
      onFocus={() => setWritten('')}
      onChange={setWritten}
      onOptionSubmit={go}
      onBlur={() => setWritten(undefined)}
      onKeyDown={({ key, currentTarget }) => {
        if (key === 'Enter') {
          go(currentTarget.value.trim());
          currentTarget.blur();
        }
        if (key === 'Escape') currentTarget.blur();
      }}
      placeholder={space}
      maxLength={100}
    />
  );
}
