'use client';

import { Grid, Stack, Title } from '@mantine/core';
import { useSpace } from '../../frame/url.ts';
import { Configuration } from './configuration.tsx';
import { Health } from './health.tsx';
import { Model } from './model.tsx';
import { Policy } from './policy.tsx';
import { Spaces } from './spaces.tsx';

/** What spaces and the server are set to, and whether all that they stand on is well. */
export function Settings() {
  const space = useSpace();
  return (
    <>
      <Title order={1} mb="xs">
        Settings
      </Title>
      <Grid gap="sm">
        <Grid.Col span={{ base: 12, lg: 6 }}>
          <Stack gap="sm">
            <Spaces />
            <Policy key={`policy ${space}`} space={space} />
            <Model key={`model ${space}`} space={space} />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 6 }}>
          <Stack gap="sm">
            <Health />
            <Configuration />
          </Stack>
        </Grid.Col>
      </Grid>
    </>
  );
}
