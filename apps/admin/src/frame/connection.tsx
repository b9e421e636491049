'use client';

import { Alert, Group, Text } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { useLive } from '../live/live-provider.tsx';
import classes from './connection.module.css';

const words = { connecting: 'connecting', live: 'live', away: 'no server' };

/** Whether the server answers, in a word. */
export function Connection() {
  const { connection } = useLive();
  return (
    <Group gap={6} wrap="nowrap" role="status" aria-label={`Connection: ${words[connection]}`}>
      <span className={classes.dot} data-connection={connection} />
      <Text size="xs" className="console-quiet" visibleFrom="xs">
        {words[connection]}
      </Text>
    </Group>
  );
}

/** Says that what is shown is from before, for as long as the server is away. */
export function ConnectionBanner() {
  const { connection } = useLive();
  if (connection !== 'away') return null;
  return (
    <Alert
      color="red"
      variant="light"
      mb="sm"
      icon={<IconPlugConnectedX size={18} />}
      title="The server does not answer"
    >
      What is shown is from before. It is asked again every second or two, and the page catches up by itself; start it
      with <code>npm start</code> if it was stopped.
    </Alert>
  );
}
