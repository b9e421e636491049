'use client';

import { ActionIcon, Button, Checkbox, Group, MultiSelect, Select, TagsInput, Tooltip } from '@mantine/core';
import { IconSearch, IconSortAscending, IconSortDescending } from '@tabler/icons-react';
import { type Params, useUrlState } from '../../frame/url.ts';
import { tiers } from '../../parts/tiers.ts';
import { Written } from '../../parts/written.tsx';
import { orders, useListed, visibilities } from './selection.ts';

const none: Params = Object.fromEntries(
  ['q', 'tiers', 'category', 'tags', 'source', 'catalyst', 'pending', 'visibility'].map((name) => [name, undefined]),
);

/** What narrows and orders the list; all of it is in the URL. */
export function Filters() {
  const { request, isNarrowed } = useListed();
  const [, change] = useUrlState();
  const flag = (name: string) => (on: boolean) => change({ [name]: on ? 'yes' : undefined });
  return (
    <Group gap="xs" mb="xs" align="end" role="search">
      <Written
        {...{ name: 'q', label: 'Words', placeholder: 'Search what they say ( / )', type: 'search' }}
        {...{ w: { base: '100%', sm: 210 }, leftSection: <IconSearch size={14} /> }}
      />
      <MultiSelect
        {...{ size: 'xs', label: 'Tier', data: [...tiers], value: [...(request.tiers ?? [])], w: 140 }}
        placeholder={request.tiers ? '' : 'any'}
        onChange={(chosen) => change({ tiers: chosen.join(',') })}
        clearable
      />
      <Select
        {...{ size: 'xs', label: 'Which', w: 110, allowDeselect: false, value: request.visibility ?? 'live' }}
        data={Object.entries(visibilities).map(([value, label]) => ({ value, label }))}
        onChange={(chosen) => change({ visibility: chosen === 'live' ? undefined : (chosen ?? undefined) })}
      />
      <Written name="category" label="Category" placeholder="any" w={100} />
      <TagsInput
        {...{ size: 'xs', label: 'Tags', w: 140, maxTags: 20, value: [...(request.tags ?? [])] }}
        placeholder={request.tags ? '' : 'any'}
        onChange={(chosen) => change({ tags: chosen.join(',') })}
        clearable
      />
      <Written name="source" label="Source" placeholder="any" w={100} />
      <Checkbox.Group
        value={[request.isCatalyst && 'catalyst', request.isPending && 'pending'].filter(
          (one) => one !== undefined && one !== false,
        )}
      >
        <Group gap="sm" mb={6}>
          <Checkbox
            size="xs"
            value="catalyst"
            label="catalysts"
            onChange={(event) => flag('catalyst')(event.currentTarget.checked)}
          />
          <Checkbox
            size="xs"
            value="pending"
            label="pending"
            onChange={(event) => flag('pending')(event.currentTarget.checked)}
          />
        </Group>
      </Checkbox.Group>
      <Select
        {...{ size: 'xs', label: 'By', w: 130, allowDeselect: false, value: request.order ?? 'created' }}
        data={Object.entries(orders).map(([value, label]) => ({ value, label }))}
        onChange={(chosen) => change({ order: chosen === 'created' ? undefined : (chosen ?? undefined) })}
      />
      <Tooltip label={request.descending ? 'highest first' : 'lowest first'}>
        <ActionIcon
          {...{ variant: 'default', size: 30 }}
          aria-label={`Order: ${request.descending ? 'highest first' : 'lowest first'}`}
          onClick={() => change({ ascending: request.descending ? 'yes' : undefined })}
        >
          {request.descending ? <IconSortDescending size={16} /> : <IconSortAscending size={16} />}
        </ActionIcon>
      </Tooltip>
      {isNarrowed && (
        <Button variant="subtle" onClick={() => change(none)}>
          Clear
        </Button>
      )}
    </Group>
  );
}
