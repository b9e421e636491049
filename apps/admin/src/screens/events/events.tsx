'use client';

import { Grid, Stack, Title } from '@mantine/core';
import { EventDrawer } from './event-drawer.tsx';
import { EventFilters } from './event-filters.tsx';
import { EventList } from './event-list.tsx';
import { LogSize } from './log-size.tsx';
import { Projections } from './projections.tsx';
import { useSelected } from './selected.ts';

/** The log of a space, as it grows, and what is made of it. */
export function Events() {
  const { selection, key } = useSelected();
  return (
    <>
      <Title order={1} mb="xs">
        Events
      </Title>
      <Grid gap="sm">
        <Grid.Col span={{ base: 12, lg: 8 }}>
          <EventFilters />
          <EventList key={key} selection={selection} />
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 4 }}>
          <Stack gap="sm">
            <Projections />
            <LogSize />
          </Stack>
        </Grid.Col>
      </Grid>
      <EventDrawer />
    </>
  );
}
