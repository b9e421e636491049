'use client';

import type { StoredEntry } from '@anima/client';
import { Button, Group, Modal, Paper, Stack, TagsInput, Text } from '@mantine/core';
import { IconArrowBackUp, IconEyeOff, IconTag } from '@tabler/icons-react';
import { useState } from 'react';
import { count } from '../../parts/numbers.ts';
import { TierMenu } from '../../parts/tier-menu.tsx';
import type { Listed } from './selection.ts';
import { type BulkChange, useBulkChanges } from './use-bulk-changes.ts';

interface BulkBarProps {
  readonly chosen: readonly StoredEntry[];
  readonly where: Listed['where'];
  readonly space: string;
  readonly onDone: () => void;
}

/** What can be done with the memories that are selected: asked about first, undone afterwards. */
export function BulkBar({ chosen, where, space, onDone }: BulkBarProps) {
  const changes = useBulkChanges(space, where, onDone);
  const [asked, setAsked] = useState<BulkChange>();
  const [isTagging, setTagging] = useState(false);
  const isLive = where.visibility === 'live';
  if (chosen.length === 0) return null;
  const ask = (change: BulkChange) => () => setAsked(change);
  return (
    <Paper p={6} mb="xs" role="toolbar" aria-label="With the selected memories">
      <Group gap="xs">
        <Text size="sm" fw={600} px={6} className="console-number">
          {count(chosen.length)} selected
        </Text>
        {isLive && (
          <Button
            variant="light"
            color="red"
            leftSection={<IconEyeOff size={14} />}
            onClick={ask(changes.forget(chosen))}
          >
            Forget
          </Button>
        )}
        {(where.visibility === 'hidden' || where.visibility === 'expired') && (
          <Button variant="light" leftSection={<IconArrowBackUp size={14} />} onClick={ask(changes.restore(chosen))}>
            Restore
          </Button>
        )}
        {isLive && (
          <>
            <TierMenu onChoose={(tier) => setAsked(changes.setTier(chosen, tier))} />
            <Button variant="light" leftSection={<IconTag size={14} />} onClick={() => setTagging(true)}>
              Tag
            </Button>
            <Button variant="subtle" color="red" ml="auto" onClick={() => void changes.forgetAll().then(setAsked)}>
              Forget all that match …
            </Button>
          </>
        )}
      </Group>
      <Confirmation change={asked} onClose={() => setAsked(undefined)} />
      <Tagging
        isOpen={isTagging}
        onClose={() => setTagging(false)}
        onTags={(tags) => setAsked(changes.tag(chosen, tags))}
      />
    </Paper>
  );
}

function Confirmation({ change, onClose }: { readonly change: BulkChange | undefined; readonly onClose: () => void }) {
  return (
    <Modal opened={change !== undefined} onClose={onClose} title={change?.question} centered>
      <Text size="sm" mb="md">
        {change?.consequence}
      </Text>
      <Group justify="end" gap="xs">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button
          data-autofocus
          color={change?.isGrave ? 'red' : 'teal'}
          onClick={() => {
            onClose();
            void change?.run();
          }}
        >
          {change?.verb}
        </Button>
      </Group>
    </Modal>
  );
}

interface TaggingProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onTags: (tags: readonly string[]) => void;
}

function Tagging({ isOpen, onClose, onTags }: TaggingProps) {
  const [tags, setTags] = useState<string[]>([]);
  return (
    <Modal opened={isOpen} onClose={onClose} title="Which tags shall they get?" centered>
      <Stack gap="md">
        <TagsInput
          data-autofocus
          label="Tags"
          description="Enter or a comma ends one"
          value={tags}
          onChange={setTags}
          maxTags={20}
        />
        <Group justify="end">
          <Button
            disabled={tags.length === 0}
            onClick={() => {
              onClose();
              onTags(tags);
              setTags([]);
            }}
          >
            Next
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
