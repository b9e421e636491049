'use client';

import type { DuplicatePair } from '@anima/client';
import { Badge, Button, Group, Modal, NumberInput, Paper, Progress, Stack, Text } from '@mantine/core';
import { IconGitMerge, IconPlayerStop, IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { useUrlState } from '../../frame/url.ts';
import { count } from '../../parts/numbers.ts';
import { Panel } from '../../parts/panel.tsx';
import { Failure, Nothing } from '../../parts/states.tsx';
import { TwoTexts } from './two-texts.tsx';
import { type Run, useConsolidation } from './use-consolidation.ts';

const shown = 100;

/** What a threshold would merge, before anything is. */
export function DryRun({ space }: { readonly space: string }) {
  const [params, change] = useUrlState();
  // As it is written: on the way to 0.9 stands 0, which is no threshold yet.
  const [written, setWritten] = useState<string | number>(params.get('threshold') ?? '');
  const given = Number(written);
  const threshold = given > 0 && given <= 1 ? given : undefined;
  const { run, start, stop } = useConsolidation(space);
  const [isAsked, setAsked] = useState(false);
  const mergeable = run?.pairs.filter(({ difference }) => difference === null).length ?? 0;
  return (
    <Panel title="Try a threshold">
      <Group gap="xs" align="end">
        <NumberInput
          {...{ size: 'xs', w: 190, label: 'Cosine from which two may be the same' }}
          {...{ min: 0.5, max: 1, step: 0.01, decimalScale: 3, placeholder: 'as the space has it' }}
          value={written}
          onChange={(value) => {
            setWritten(value);
            change({ threshold: String(value) }, 'replace');
          }}
        />
        {run?.isRunning ? (
          <Button variant="light" color="gray" leftSection={<IconPlayerStop size={14} />} onClick={stop}>
            Stop
          </Button>
        ) : (
          <Button leftSection={<IconSearch size={14} />} onClick={() => void start({ threshold, dryRun: true })}>
            See what it would merge
          </Button>
        )}
        {run && !run.isRunning && run.isDryRun && mergeable > 0 && (
          <Button
            variant="light"
            color="orange"
            leftSection={<IconGitMerge size={14} />}
            onClick={() => setAsked(true)}
          >
            Merge them
          </Button>
        )}
      </Group>
      {run && <Findings run={run} />}
      <Modal opened={isAsked} onClose={() => setAsked(false)} title={`Merge ${count(mergeable)} pairs?`} centered>
        <Text size="sm" mb="md">
          The later of each pair becomes a variant of the earlier, and is found no more by itself. Each can be
          un-merged.
        </Text>
        <Group justify="end" gap="xs">
          <Button variant="default" onClick={() => setAsked(false)}>
            Cancel
          </Button>
          <Button
            data-autofocus
            onClick={() => {
              setAsked(false);
              void start({ threshold, dryRun: false });
            }}
          >
            Merge
          </Button>
        </Group>
      </Modal>
    </Panel>
  );
}

function Findings({ run }: { readonly run: Run }) {
  const { isRunning, isDryRun, isWhole, examined, total, pairs, error } = run;
  const same = pairs.filter(({ difference }) => difference === null).length;
  return (
    <Stack gap="xs" mt="sm">
      {isRunning && (
        <Progress value={total > 0 ? (examined / total) * 100 : 2} animated aria-label="Memories looked at" />
      )}
      <Text size="sm" role="status" className="console-number">
        {`${count(examined)}${isWhole ? '' : ` of ${count(total)}`} memories looked at: ${count(same)} ${isDryRun ? 'would be' : 'were'} merged, ${count(pairs.length - same)} are near and left alone${isRunning || isWhole ? '' : ' (stopped)'}`}
      </Text>
      {error !== undefined && <Failure error={error} />}
      {isWhole && pairs.length === 0 && <Nothing title="No two memories are that near" />}
      <Stack gap="xs" component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
        {pairs.slice(0, shown).map((pair) => (
          <Paper key={`${pair.survivor.memoryId} ${pair.merged.memoryId}`} component="li">
            <Pair pair={pair} />
          </Paper>
        ))}
      </Stack>
      {pairs.length > shown && (
        <Text size="xs" className="console-quiet">
          {`The first ${shown} of ${count(pairs.length)} pairs are shown.`}
        </Text>
      )}
    </Stack>
  );
}

function Pair({ pair }: { readonly pair: DuplicatePair }) {
  const { survivor, merged, similarity, difference, isMerged } = pair;
  return (
    <>
      <Group gap="xs" mb={4}>
        <Badge>similarity {similarity.toFixed(3)}</Badge>
        {difference ? (
          <Badge color="gray">left alone: other {difference}</Badge>
        ) : (
          <Badge color={isMerged ? 'teal' : 'orange'}>{isMerged ? 'merged' : 'would be merged'}</Badge>
        )}
      </Group>
      <TwoTexts survivor={survivor} merged={merged} />
    </>
  );
}
