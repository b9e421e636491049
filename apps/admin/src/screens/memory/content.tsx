'use client';

import type { GetResult } from '@anima/client';
import { Alert, Anchor, Badge, Button, Code, CopyButton, Group, Select, Text, Textarea } from '@mantine/core';
import { IconBolt, IconCopy } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';
import { useTRPC } from '../../frame/api.ts';
import { useHref } from '../../frame/url.ts';
import { Ago } from '../../parts/ago.tsx';
import { Panel } from '../../parts/panel.tsx';
import { TierBadge } from '../../parts/tier-badge.tsx';
import { Actions } from './actions.tsx';
import { useChange } from './use-change.ts';

/** What it says, and what it said before; what it is, and what can be done with it. */
export function Content({ memory, space }: { readonly memory: GetResult; readonly space: string }) {
  const trpc = useTRPC();
  const href = useHref();
  const { update } = useChange(space);
  const [version, setVersion] = useState<number>();
  const [draft, setDraft] = useState<string>();
  const shownVersion = version ?? memory.version;
  const isOld = shownVersion !== memory.version;
  const old = useQuery({
    ...trpc.memories.get.queryOptions({ memoryId: memory.id, version: shownVersion, space }),
    enabled: isOld,
  });
  const text = isOld ? old.data?.content : memory.content;
  return (
    <Panel title="Content" aside={<Versions memory={memory} shown={shownVersion} onChange={setVersion} />}>
      {memory.mergedInto && (
        <Alert variant="light" color="blue" mb="xs">
          A variant of{' '}
          <Anchor component={Link} href={href('/memory', { id: memory.mergedInto })}>
            another memory
          </Anchor>
          , which answers for both.
        </Alert>
      )}
      {draft === undefined ? (
        <Text style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{text}</Text>
      ) : (
        <>
          <Textarea
            {...{ autosize: true, minRows: 3, maxRows: 20, maxLength: 50_000, value: draft }}
            aria-label="New content"
            onChange={({ currentTarget }) => setDraft(currentTarget.value)}
          />
          <Group gap="xs" mt="xs" justify="end">
            <Button variant="default" onClick={() => setDraft(undefined)}>
              Cancel
            </Button>
            <Button
              disabled={draft.trim() === '' || draft === memory.content}
              onClick={() => {
                setDraft(undefined);
                void update(memory, draft);
              }}
            >
              Save as version {memory.version + 1}
            </Button>
          </Group>
        </>
      )}
      <Group gap={6} mt="sm">
        <TierBadge tier={memory.tier} />
        <Badge color="cyan">φ {memory.resonancePhi.toFixed(3)}</Badge>
        <Badge color="gray">{memory.accessCount} accesses</Badge>
        {memory.isCatalyst && (
          <Badge color="yellow" leftSection={<IconBolt size={12} />}>
            catalyst
          </Badge>
        )}
        {memory.visibility !== 'live' && (
          <Badge color="red">{memory.visibility === 'hidden' ? 'forgotten' : memory.visibility}</Badge>
        )}
        {memory.embedding === 'pending' && <Badge color="orange">vector pending</Badge>}
        {memory.category && <Badge color="gray">{memory.category}</Badge>}
        {memory.tags.map((tag) => (
          <Anchor key={tag} component={Link} href={href('/memories', { tags: tag })} size="xs">
            #{tag}
          </Anchor>
        ))}
      </Group>
      <Group gap="md" mt="xs">
        <Text size="xs" className="console-quiet">
          added <Ago at={memory.createdAt} />, last accessed <Ago at={memory.lastAccessed} />
          {memory.occurredAt && `, happened ${new Date(memory.occurredAt).toLocaleDateString()}`}
          {memory.source && `, from ${memory.source}`}
        </Text>
        <CopyButton value={memory.id}>
          {({ copied, copy }) => (
            <Button variant="subtle" color="gray" size="compact-xs" leftSection={<IconCopy size={12} />} onClick={copy}>
              <Code>{copied ? 'copied' : memory.id}</Code>
            </Button>
          )}
        </CopyButton>
      </Group>
      <Actions memory={memory} space={space} onEdit={() => setDraft(memory.content)} />
    </Panel>
  );
}

interface VersionsProps {
  readonly memory: GetResult;
  readonly shown: number;
  readonly onChange: (version: number) => void;
}

function Versions({ memory, shown, onChange }: VersionsProps) {
  if (memory.versions.length < 2) return <Text size="xs">version 1</Text>;
  const options = memory.versions.map(({ version, replacedAt }) => ({
    value: String(version),
    label: replacedAt
      ? `version ${version}, until ${new Date(replacedAt).toLocaleString()}`
      : `version ${version}, current`,
  }));
  return (
    <Select
      {...{ size: 'xs', w: 240, allowDeselect: false, data: options.toReversed(), value: String(shown) }}
      aria-label="Version"
      onChange={(chosen) => onChange(Number(chosen))}
    />
  );
}
