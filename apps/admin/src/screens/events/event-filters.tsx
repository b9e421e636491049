'use client';

import { Button, Group, MultiSelect } from '@mantine/core';
import { useUrlState } from '../../frame/url.ts';
import { Written } from '../../parts/written.tsx';
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
      <Written
        {...{ name: 'memory', label: 'Memory', placeholder: 'id', w: 190, maxLength: 200 }}
        fault={(id) => !isMemoryId(id) && 'not an id'}
      />
      <Written
        {...{
          name: 'conversation',
          label: 'Conversation',
          placeholder: 'as the client called it',
          w: 190,
          maxLength: 200,
        }}
      />
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
