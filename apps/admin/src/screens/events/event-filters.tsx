'use client';

import { Button, Group, MultiSelect, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useUrlState } from '../../frame/url.ts';
import { useDraft } from '../../parts/use-draft.ts';
import { isMemoryId, useSelected } from './selected.ts';
import { kinds } from './told.ts';

/** What narrows the log; all of it is in the URL. */
export function EventFilters() {
  const { selection, isNarrowed } = useSelected();
  const [, change] = useUrlState();
  return (
    <Group gap="xs" mb="xs" align="end" role="search">
      <MultiSelect
        {...{ size: 'xs', label: 'Type', w: { base: '100%', xs: 240 }, clearable: true, searchable: true }}
        data={Object.entries(kinds).map(([value, label]) => ({ value, label }))}
        value={[...(selection.types ?? [])]}
        placeholder={selection.types ? '' : 'any'}
        onChange={(chosen) => change({ types: chosen.join(',') })}
      />
      <Written name="memory" label="Memory" placeholder="id" fault={(id) => !isMemoryId(id) && 'not an id'} />
      <Written name="conversation" label="Conversation" placeholder="as the client called it" />
      {isNarrowed && (
        <Button
          variant="subtle"
          onClick={() => change({ types: undefined, memory: undefined, conversation: undefined })}
        >
          Clear
        </Button>
      )}
    </Group>
  );
}

interface WrittenProps {
  readonly name: string;
  readonly label: string;
  readonly placeholder: string;
  readonly fault?: (value: string) => string | false;
}

function Written({ name, label, placeholder, fault }: WrittenProps) {
  const [params, change] = useUrlState();
  const inUrl = params.get(name) ?? '';
  const [written, setWritten, sent] = useDraft(inUrl);
  const send = useDebouncedCallback((value: string) => {
    sent(value.trim());
    change({ [name]: value.trim() }, 'replace');
  }, 250);
  return (
    <TextInput
      {...{ label, placeholder, value: written, w: 190, maxLength: 200, error: fault?.(written.trim()) }}
      onChange={({ currentTarget }) => {
        setWritten(currentTarget.value);
        send(currentTarget.value);
      }}
    />
  );
}
