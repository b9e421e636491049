'use client';

import type { GetResult } from '@anima/client';
import { Button, Group, Modal, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconArrowBackUp, IconBolt, IconEdit, IconEraser, IconEyeOff, IconGitFork } from '@tabler/icons-react';
import { TierMenu } from '../../parts/tier-menu.tsx';
import { useChange } from './use-change.ts';

interface ActionsProps {
  readonly memory: GetResult;
  readonly space: string;
  readonly onEdit: () => void;
}

export function Actions({ memory, space, onEdit }: ActionsProps) {
  const change = useChange(space);
  const [isErasing, { open, close }] = useDisclosure();
  const { id, visibility } = memory;
  const isLive = visibility === 'live';
  return (
    <Group gap="xs" mt="sm">
      {isLive && (
        <>
          <Button variant="light" leftSection={<IconEdit size={14} />} onClick={onEdit}>
            Edit
          </Button>
          <TierMenu current={memory.tier} onChoose={(tier) => void change.setTier(memory, tier)} />
          <Button variant="light" leftSection={<IconBolt size={14} />} onClick={() => void change.mark(memory)}>
            {memory.isCatalyst ? 'No catalyst' : 'Catalyst'}
          </Button>
          <Button
            variant="light"
            color="red"
            leftSection={<IconEyeOff size={14} />}
            onClick={() => void change.forget(id)}
          >
            Forget
          </Button>
        </>
      )}
      {(visibility === 'hidden' || visibility === 'expired') && (
        <Button variant="light" leftSection={<IconArrowBackUp size={14} />} onClick={() => void change.restore(id)}>
          Restore
        </Button>
      )}
      {visibility === 'merged' && (
        <Button variant="light" leftSection={<IconGitFork size={14} />} onClick={() => void change.unmerge(id)}>
          Un-merge
        </Button>
      )}
      <Button variant="subtle" color="red" ml="auto" leftSection={<IconEraser size={14} />} onClick={open}>
        Erase …
      </Button>
      <Modal opened={isErasing} onClose={close} title="Erase this memory for good?" centered>
        <Text size="sm" mb="md">
          What it says, its versions, its variants and its vectors are removed and cannot be brought back. Of its
          history ids and numbers are left.
        </Text>
        <Group justify="end" gap="xs">
          <Button variant="default" data-autofocus onClick={close}>
            Cancel
          </Button>
          <Button
            color="red"
            onClick={() => {
              close();
              void change.erase(id);
            }}
          >
            Erase
          </Button>
        </Group>
      </Modal>
    </Group>
  );
}
