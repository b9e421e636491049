'use client';

import { Table } from '@mantine/core';
import type { ReactNode } from 'react';

/** A table that scrolls sideways where there is no room for it, by the keyboard too. */
export function WideTable({ minWidth, children }: { readonly minWidth: number; readonly children: ReactNode }) {
  return (
    <Table.ScrollContainer minWidth={minWidth} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table>{children}</Table>
    </Table.ScrollContainer>
  );
}
