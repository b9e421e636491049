'use client';

import type { RebuildProgress, RebuildReport } from '@anima/client';
import { Button, Group, Modal, Progress, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useTRPCClient } from '../../frame/api.ts';
import { count } from '../../parts/numbers.ts';
import { Failure } from '../../parts/states.tsx';

interface State {
  readonly isRunning: boolean;
  readonly progress?: RebuildProgress;
  readonly reports: readonly RebuildReport[];
  readonly error?: unknown;
}

/** Replays the log beside the traffic and compares; and, unless it only verifies, makes the tables equal to the replay. */
export function Rebuild() {
  const client = useTRPCClient();
  const queries = useQueryClient();
  const [state, setState] = useState<State>();
  const [isAsked, setAsked] = useState(false);
  const stopping = useRef<AbortController>(undefined);
  useEffect(() => () => stopping.current?.abort(), []);
  const run = async (verify: boolean) => {
    setAsked(false);
    const stop = new AbortController();
    stopping.current = stop;
    let now: State = { isRunning: true, reports: [] };
    setState(now);
    try {
      for await (const step of await client.projections.rebuild.mutate({ verify }, { signal: stop.signal })) {
        now =
          step.type === 'progress'
            ? { ...now, progress: step.progress }
            : { ...now, reports: [...now.reports, step.report] };
        setState(now);
      }
    } catch (error) {
      now = { ...now, error };
    }
    setState({ ...now, isRunning: false });
    if (!verify) await queries.invalidateQueries();
  };
  return (
    <Stack gap="xs" mt="sm">
      <Group gap="xs">
        <Button variant="light" loading={state?.isRunning ?? false} onClick={() => void run(true)}>
          Verify
        </Button>
        <Button variant="light" color="orange" disabled={state?.isRunning ?? false} onClick={() => setAsked(true)}>
          Rebuild …
        </Button>
      </Group>
      {state && <Outcome state={state} />}
      <Modal opened={isAsked} onClose={() => setAsked(false)} title="Rebuild from the log?" centered>
        <Text size="sm" mb="md">
          The log is replayed beside the traffic; where states and associations differ from the replay, they become
          equal to it, shard by shard. Nothing that was said is touched. Leaving the page stops it.
        </Text>
        <Group justify="end" gap="xs">
          <Button variant="default" onClick={() => setAsked(false)}>
            Cancel
          </Button>
          <Button data-autofocus onClick={() => void run(false)}>
            Rebuild
          </Button>
        </Group>
      </Modal>
    </Stack>
  );
}

const names = { memory_state: 'States of memories', associations: 'Associations' };

function Outcome({ state: { isRunning, progress, reports, error } }: { readonly state: State }) {
  return (
    <>
      {isRunning && progress && (
        <>
          <Progress
            value={progress.total > 0 ? (progress.replayed / progress.total) * 100 : 0}
            animated
            aria-label="Events replayed"
          />
          <Text size="xs" className="console-number console-quiet">
            {`${names[progress.projection]}: ${count(progress.replayed)} of ${count(progress.total)} events`}
          </Text>
        </>
      )}
      {reports.map(({ projection, events, rows, differenceCount, applied }) => (
        <Text key={projection} size="sm" role="status">
          {`${names[projection]}: ${count(events)} events give ${count(rows)} rows, ${
            differenceCount === 0
              ? 'equal to what is there'
              : `${count(differenceCount)} ${applied ? 'were mended' : 'differ'}`
          }`}
        </Text>
      ))}
      {error !== undefined && <Failure error={error} />}
    </>
  );
}
