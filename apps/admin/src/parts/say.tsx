'use client';

import { isAnimaClientError } from '@anima/client';
import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';

/**
 * Says what was done, and takes it back when asked.
 *
 * @param failure why some of it was not done
 */
export function sayDone(message: string, undo?: () => Promise<unknown>, failure?: unknown): void {
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
    color: failure === undefined ? 'teal' : 'orange',
    ...(failure === undefined ? {} : { title: 'Not all of it worked' }),
    autoClose: undo ? 12_000 : 5_000,
    message: (
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm">
          {failure === undefined ? message : `${message}; the first that failed: ${reasonOf(failure)}`}
        </Text>
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
  notifications.show({ color: 'red', title: 'This did not work', message: reasonOf(error), autoClose: 12_000 });
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return isAnimaClientError(error) && error.requestId ? `${message} (request ${error.requestId})` : message;
}

/** Says how far something is that takes a while. */
export function sayProgress(message: string): { update(message: string): void; end(): void } {
  const id = crypto.randomUUID();
  const look = { id, loading: true, autoClose: false, withCloseButton: false } as const;
  notifications.show({ ...look, message });
  return {
    update: (now) => void notifications.update({ ...look, message: now }),
    end: () => void notifications.hide(id),
  };
}
