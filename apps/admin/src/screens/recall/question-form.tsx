'use client';

import {
  Button,
  Checkbox,
  Group,
  NumberInput,
  Paper,
  SegmentedControl,
  Slider,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useUrlState } from '../../frame/url.ts';
import { tiers } from '../../parts/tiers.ts';
import { useDraft } from '../../parts/use-draft.ts';

/** The question and its conditions; they go to the URL, from where they are asked. */
export function QuestionForm() {
  const [params, change] = useUrlState();
  const inUrl = params.get('q') ?? '';
  const [question, setQuestion] = useDraft(inUrl);
  const threshold = params.get('threshold');
  const chosen = params.get('tiers')?.split(',') ?? [];
  const ask = (event?: FormEvent) => {
    event?.preventDefault();
    change({ q: question.trim() });
  };
  return (
    <Paper component="form" onSubmit={ask} aria-label="Question">
      <Stack gap="sm">
        <Textarea
          {...{ label: 'Question', autosize: true, minRows: 2, maxRows: 8, maxLength: 5_000, value: question }}
          data-search
          placeholder="What does Ada like to drink?"
          onChange={({ currentTarget }) => setQuestion(currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && !event.shiftKey) ask(event);
          }}
        />
        <Button type="submit" disabled={question.trim() === ''}>
          Ask
        </Button>
        <div>
          <Text size="xs" fw={500} mb={4}>
            Ranking
          </Text>
          <SegmentedControl
            {...{ size: 'xs', fullWidth: true, value: params.get('ranking') ?? 'both' }}
            data={['both', 'hybrid', 'structural']}
            onChange={(value) => change({ ranking: value === 'both' ? undefined : value })}
            aria-label="Ranking"
          />
        </div>
        <NumberInput
          {...{ size: 'xs', label: 'Limit', min: 1, max: 100, value: Number(params.get('limit') ?? 10) }}
          onChange={(value) => change({ limit: value === '' || value === 10 ? undefined : String(value) }, 'replace')}
        />
        <Threshold
          key={threshold}
          value={threshold === null ? undefined : Number(threshold)}
          onChange={(value) => change({ threshold: value === undefined ? undefined : String(value) }, 'replace')}
        />
        <Checkbox.Group label="Tiers" size="xs" value={chosen} onChange={(value) => change({ tiers: value.join(',') })}>
          <Group gap="sm" mt={4}>
            {tiers.map((tier) => (
              <Checkbox key={tier} size="xs" value={tier} label={tier} />
            ))}
          </Group>
        </Checkbox.Group>
        <AsOf />
      </Stack>
    </Paper>
  );
}

interface ThresholdProps {
  readonly value: number | undefined;
  readonly onChange: (value: number | undefined) => void;
}

function Threshold({ value, onChange }: ThresholdProps) {
  const [moved, setMoved] = useState(value);
  return (
    <div>
      <Group justify="space-between">
        <Text size="xs" fw={500}>
          Similarity threshold
        </Text>
        <Text size="xs" className="console-quiet console-number">
          {moved === undefined ? "the server's" : moved.toFixed(2)}
        </Text>
      </Group>
      <Slider
        {...{ size: 'sm', min: 0, max: 1, step: 0.01, value: moved ?? 0.25, label: null }}
        onChange={setMoved}
        onChangeEnd={onChange}
        thumbLabel="Similarity threshold"
      />
      {moved !== undefined && (
        <Button variant="subtle" size="compact-xs" onClick={() => onChange(undefined)}>
          Leave it to the server
        </Button>
      )}
    </div>
  );
}

/** A time, or a position in the log. */
function AsOf() {
  const [params, change] = useUrlState();
  const inUrl = params.get('asOf') ?? '';
  const [written, setWritten] = useDraft(inUrl);
  const send = () => change({ asOf: momentOf(written) });
  return (
    <TextInput
      label="As of"
      description="a time, or a position of the log; empty is now"
      placeholder="2026-03-12 18:00 or 4711"
      value={written}
      onChange={({ currentTarget }) => setWritten(currentTarget.value)}
      onBlur={send}
      onKeyDown={(event) => {
        if (event.key !== 'Enter') return;
        event.preventDefault();
        send();
      }}
      error={written.trim() !== '' && momentOf(written) === undefined ? 'neither a time nor a position' : undefined}
    />
  );
}

function momentOf(written: string): string | undefined {
  const text = written.trim();
  if (/^\d{1,15}$/.test(text)) return text;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}
