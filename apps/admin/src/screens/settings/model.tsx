'use client';

import type { Reembedding } from '@anima/client';
import { Badge, Button, Group, Progress, Select, Stack, Text, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTRPC, useTRPCClient } from '../../frame/api.ts';
import { count } from '../../parts/numbers.ts';
import { Panel } from '../../parts/panel.tsx';
import { sayDone, sayFailed } from '../../parts/say.tsx';
import { Failure, Loading } from '../../parts/states.tsx';

const providers = ['builtin', 'ollama', 'openai'] as const;
type Provider = (typeof providers)[number];

/** The sentence model of a space, and its way to another one. */
export function Model({ space }: { readonly space: string }) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const queries = useQueryClient();
  const described = useQuery({
    ...trpc.spaces.describe.queryOptions({ space }),
    // While it changes one wants to see it move.
    refetchInterval: ({ state }) => (state.data?.reembedding ? 1_000 : 10_000),
  });
  const [provider, setProvider] = useState<Provider>('builtin');
  const [model, setModel] = useState('');
  const [isBeginning, setBeginning] = useState(false);
  const change = async () => {
    setBeginning(true);
    try {
      const name = model.trim();
      const steps = await client.spaces.reembed.mutate({ space, provider, ...(name ? { model: name } : {}) });
      // It goes on whoever watches; once the first step is here, it has begun, or was nothing to do.
      for await (const step of steps) {
        if (step.type === 'report' && step.report.outcome === 'unchanged') sayDone('The space has this model already');
        break;
      }
      await queries.invalidateQueries();
    } catch (error) {
      sayFailed(error);
    } finally {
      setBeginning(false);
    }
  };
  const cancel = async () => {
    try {
      await client.spaces.cancelReembed.mutate({ space });
      await queries.invalidateQueries();
      sayDone('The space stays with its model');
    } catch (error) {
      sayFailed(error);
    }
  };
  const { data } = described;
  return (
    <Panel title={`Model of “${space}”`}>
      {described.error ? (
        <Failure error={described.error} retry={() => void described.refetch()} />
      ) : !data ? (
        <Loading rows={3} />
      ) : (
        <Stack gap="xs">
          <Text size="sm">
            {`${data.model.provider}/${data.model.name}, ${data.model.dimensions} dimensions`}
            {data.failed > 0 && (
              <Badge ml="xs" color="orange">
                {`${count(data.failed)} memories refused`}
              </Badge>
            )}
          </Text>
          {data.reembedding ? (
            <UnderWay reembedding={data.reembedding} onCancel={() => void cancel()} />
          ) : (
            <Group gap="xs" align="end">
              <Select
                {...{ size: 'xs', label: 'Another provider', w: 130, allowDeselect: false, data: [...providers] }}
                value={provider}
                onChange={(chosen) => setProvider(providers.find((one) => one === chosen) ?? 'builtin')}
              />
              <TextInput
                {...{
                  label: 'Model',
                  placeholder: 'as the server’s settings say',
                  w: 220,
                  maxLength: 200,
                  value: model,
                }}
                onChange={({ currentTarget }) => setModel(currentTarget.value)}
              />
              <Button variant="light" loading={isBeginning} onClick={() => void change()}>
                Change the model
              </Button>
            </Group>
          )}
          <Text size="xs" className="console-quiet">
            Every memory gets a vector of the new model in the background; until all have one, queries are answered by
            the old.
          </Text>
        </Stack>
      )}
    </Panel>
  );
}

interface UnderWayProps {
  readonly reembedding: Reembedding;
  readonly onCancel: () => void;
}

function UnderWay({ reembedding: { model, done, total, failed, problem }, onCancel }: UnderWayProps) {
  return (
    <>
      <Progress value={total > 0 ? (done / total) * 100 : 100} animated aria-label="Memories with a new vector" />
      <Group justify="space-between">
        <Text size="sm" className="console-number">
          {`to ${model.provider}/${model.name}: ${count(done)} of ${count(total)} memories${failed > 0 ? `, ${count(failed)} refused` : ''}`}
        </Text>
        <Button variant="light" color="red" onClick={onCancel}>
          Give up
        </Button>
      </Group>
      {problem && (
        <Text size="sm" c="red">
          {problem}
        </Text>
      )}
    </>
  );
}
