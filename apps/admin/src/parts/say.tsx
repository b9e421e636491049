'use client';

import { isAnimaClientError } from '@anima/client';
import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';

/** Says what was done, and takes it back when asked. */
export function sayDone(message: string, undo?: () => Promise<unknown>): void {
  const id = crypto.randomUUID();
  const takeBack = async () => {
    notifications.hide(id);
    try {
      await undo?.();
      notifications.show({ message: 'Undone', color: 'gray' });
    } catch (error) {
      sayFailed(error);
    }
  };
  notifications.show({
    id,
    color: 'teal',
    autoClose: undo ? 12_000 : 5_000,
    message: (
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm">{message}</Text>
        {undo && (
          <Button variant="light" onClick={() => void takeBack()}>
            Undo
          </Button>
        )}
      </Group>
    ),
  });
}

/** Says why something was not done. */
export function sayFailed(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  const request = isAnimaClientError(error) && error.requestId ? ` (request ${error.requestId})` : '';
  notifications.show({ color: 'red', title: 'This did not work', message: `${message}${request}`, autoClose: 12_000 });
}
