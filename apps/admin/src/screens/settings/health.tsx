'use client';

import type { Finding } from '@anima/client';
import { Button, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTRPC } from '../../frame/api.ts';
import { Panel } from '../../parts/panel.tsx';
import { Failure, Loading } from '../../parts/states.tsx';

const looks = {
  ok: { icon: IconCircleCheck, color: 'var(--mantine-color-teal-6)', words: 'well' },
  warning: { icon: IconAlertTriangle, color: 'var(--mantine-color-orange-6)', words: 'needs a look' },
  failure: { icon: IconCircleX, color: 'var(--mantine-color-red-6)', words: 'not well' },
} as const;

/** What the doctor finds: versions, engine, indexes and their use, folds, model, queue, disk. */
export function Health() {
  const trpc = useTRPC();
  const findings = useQuery({ ...trpc.meta.doctor.queryOptions(), staleTime: 30_000 });
  return (
    <Panel
      title="Engine and health"
      aside={
        <Button variant="subtle" loading={findings.isFetching} onClick={() => void findings.refetch()}>
          Look again
        </Button>
      }
    >
      {findings.error ? (
        <Failure error={findings.error} retry={() => void findings.refetch()} />
      ) : findings.data ? (
        <Stack gap={8} component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
          {findings.data.map((finding) => (
            <Found key={`${finding.subject} ${finding.message}`} finding={finding} />
          ))}
        </Stack>
      ) : (
        <Loading rows={10} />
      )}
    </Panel>
  );
}

function Found({ finding: { subject, status, message, advice } }: { readonly finding: Finding }) {
  const { icon: Icon, color, words } = looks[status];
  return (
    <Group component="li" gap="xs" wrap="nowrap" align="start" data-status={status}>
      <Icon size={16} color={color} role="img" aria-label={words} style={{ flexShrink: 0, marginTop: 2 }} />
      <Text size="sm" fw={600} w={104} style={{ flexShrink: 0 }}>
        {subject}
      </Text>
      <div>
        <Text size="sm" style={{ wordBreak: 'break-word' }}>
          {message}
        </Text>
        {advice && (
          <Text size="xs" className="console-quiet">
            {advice}
          </Text>
        )}
      </div>
    </Group>
  );
}
