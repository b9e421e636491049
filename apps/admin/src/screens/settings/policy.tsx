'use client';

import type { ConfigureRequest, SpaceSettings } from '@anima/client';
import { Button, Group, NumberInput, Select, SimpleGrid, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTRPC, useTRPCClient } from '../../frame/api.ts';
import { Panel } from '../../parts/panel.tsx';
import { sayDone, sayFailed } from '../../parts/say.tsx';
import { Failure, Loading } from '../../parts/states.tsx';
import { policyFields, type SettingName } from './policy-fields.ts';

type Changes = Partial<Record<SettingName, string | number | boolean | null>>;

const names = Object.keys(policyFields) as SettingName[];

/** What a space decides for itself; the rest is as the server has it. */
export function Policy({ space }: { readonly space: string }) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const queries = useQueryClient();
  const described = useQuery(trpc.spaces.describe.queryOptions({ space }));
  const [changes, setChanges] = useState<Changes>({});
  const settings: SpaceSettings = described.data?.settings ?? {};
  const changed = names.filter((name) => name in changes && changes[name] !== (settings[name] ?? null));
  const configure = async (wanted: Changes) => {
    await client.spaces.configure.mutate({ space, settings: wanted as ConfigureRequest['settings'] });
    await queries.invalidateQueries();
  };
  const save = async () => {
    const wanted = Object.fromEntries(changed.map((name) => [name, meant(name, changes[name] ?? null)])) as Changes;
    const before = Object.fromEntries(changed.map((name) => [name, settings[name] ?? null])) as Changes;
    try {
      await configure(wanted);
      setChanges({});
      sayDone(`Changed ${changed.map((name) => policyFields[name].label.toLowerCase()).join(', ')}`, () =>
        configure(before),
      );
    } catch (error) {
      sayFailed(error);
    }
  };
  return (
    <Panel title={`Policy of “${space}”`}>
      {described.error ? (
        <Failure error={described.error} retry={() => void described.refetch()} />
      ) : !described.data ? (
        <Loading rows={8} />
      ) : (
        <>
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
            {names.map((name) => (
              <PolicyField
                key={name}
                name={name}
                value={name in changes ? (changes[name] ?? null) : (settings[name] ?? null)}
                onChange={(value) => setChanges((before) => ({ ...before, [name]: value }))}
              />
            ))}
          </SimpleGrid>
          <Group mt="sm" gap="xs">
            <Button disabled={changed.length === 0} onClick={() => void save()}>
              Save
            </Button>
            {changed.length > 0 && (
              <Button variant="subtle" onClick={() => setChanges({})}>
                Leave as it was
              </Button>
            )}
            <Text size="xs" className="console-quiet">
              What is left open the server decides.
            </Text>
          </Group>
        </>
      )}
    </Panel>
  );
}

/** A number that is still written as a text, such as `0.`, is the number. */
function meant(name: SettingName, value: string | number | boolean | null) {
  const { kind } = policyFields[name];
  return typeof value === 'string' && (kind === 'share' || kind === 'days') ? Number(value) : value;
}

interface PolicyFieldProps {
  readonly name: SettingName;
  /** Null: the server decides. */
  readonly value: string | number | boolean | null;
  readonly onChange: (value: string | number | boolean | null) => void;
}

const open = { value: '', label: 'as the server has it' };

function PolicyField({ name, value, onChange }: PolicyFieldProps) {
  const { label, description, kind } = policyFields[name];
  const shown = { size: 'xs', label, description } as const;
  if (kind === 'ranking') {
    return (
      <Select
        {...shown}
        allowDeselect={false}
        data={[open, 'hybrid', 'structural']}
        value={String(value ?? '')}
        onChange={(chosen) => onChange(chosen || null)}
      />
    );
  }
  if (kind === 'flag') {
    return (
      <Select
        {...shown}
        allowDeselect={false}
        data={[open, { value: 'true', label: 'yes' }, { value: 'false', label: 'no' }]}
        value={String(value ?? '')}
        onChange={(chosen) => onChange(chosen ? chosen === 'true' : null)}
      />
    );
  }
  const range = kind === 'share' ? { max: 1, step: 0.05, decimalScale: 3 } : { max: 3_650, allowDecimal: false };
  return (
    <NumberInput
      {...shown}
      {...range}
      min={0}
      placeholder={open.label}
      value={typeof value === 'boolean' ? '' : (value ?? '')}
      onChange={(written) => onChange(written === '' ? null : written)}
    />
  );
}
