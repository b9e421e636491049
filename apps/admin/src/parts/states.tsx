'use client';

import { isAnimaClientError } from '@anima/client';
import { Alert, Button, Center, Group, Skeleton, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';

/** What every list, chart and panel shows when it has nothing to show yet, nothing at all, or a failure. */

export function Loading({ rows = 4, height = 18 }: { readonly rows?: number; readonly height?: number }) {
  return (
    <Stack gap="xs" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: bars without content
        <Skeleton key={row} height={height} radius="sm" />
      ))}
    </Stack>
  );
}

export function Failure({ error, retry }: { readonly error: unknown; readonly retry?: (() => void) | undefined }) {
  const [title, message] = explain(error);
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle size={18} />} title={title}>
      <Group justify="space-between" gap="xs">
        <Text size="sm">{message}</Text>
        {retry && (
          <Button variant="light" color="red" onClick={retry}>
            Try again
          </Button>
        )}
      </Group>
    </Alert>
  );
}

function explain(error: unknown): readonly [string, string] {
  if (!isAnimaClientError(error)) return ['This did not work', error instanceof Error ? error.message : String(error)];
  switch (error.code) {
    case 'NETWORK_ERROR':
    case 'UNAVAILABLE':
    case 'TIMEOUT':
      return ['The server does not answer', 'It is asked again as soon as it is back.'];
    case 'OVERLOADED':
    case 'RATE_LIMITED':
      return ['The server has too much to do', error.message];
    case 'NOT_FOUND':
      return ['There is no such thing', error.message];
    case 'VALIDATION_ERROR':
      return ['The server does not take this', error.message];
    default:
      return ['This did not work', error.requestId ? `${error.message} (request ${error.requestId})` : error.message];
  }
}

export function Nothing({ children, title }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <Center p="lg">
      <Stack gap={6} align="center" maw={460}>
        <Text fw={600}>{title}</Text>
        <Text size="sm" className="console-quiet" ta="center" component="div">
          {children}
        </Text>
      </Stack>
    </Center>
  );
}
