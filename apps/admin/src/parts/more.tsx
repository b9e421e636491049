'use client';

import { Button, Center } from '@mantine/core';

/** What of an endless list is asked for its next page, as TanStack Query has it. */
export interface Pages {
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  fetchNextPage(): Promise<unknown>;
}

/** The way to the next page of a list, where there is one. */
export function More({ of, label = 'Earlier' }: { readonly of: Pages; readonly label?: string }) {
  if (!of.hasNextPage) return null;
  return (
    <Center mt="xs">
      <Button variant="subtle" loading={of.isFetchingNextPage} onClick={() => void of.fetchNextPage()}>
        {label}
      </Button>
    </Center>
  );
}
