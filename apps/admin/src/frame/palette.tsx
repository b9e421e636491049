'use client';

import { useMantineColorScheme } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { Spotlight, type SpotlightActionGroupData, spotlight } from '@mantine/spotlight';
import { IconDatabase, IconMoon, IconNote, IconSearch, IconSun } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useEffect, useState } from 'react';
import { useTRPC, useTRPCClient } from './api.ts';
import { screens } from './screens.ts';
import { spaceParam, useHref, useSpace } from './url.ts';

const iconSize = 16;

/** Goes to a screen, a space, or a memory by what it says. */
export function Palette({ asked }: { readonly asked: number }) {
  const [words, setWords] = useState('');
  const groups = [useScreens(words), useFoundMemories(words), useFoundSpaces(words), useThemes(words)];
  useEffect(() => {
    if (asked > 0) spotlight.open();
  }, [asked]);
  return (
    <Spotlight
      actions={groups.filter(({ actions }) => actions.length > 0)}
      // What is found was looked for by these words already.
      filter={(_words, actions) => actions}
      query={words}
      onQueryChange={setWords}
      shortcut={null}
      nothingFound="Nothing found"
      highlightQuery
      scrollable
      maxHeight={420}
      searchProps={{ leftSection: <IconSearch size={iconSize} />, placeholder: 'A screen, a memory, a space …' }}
    />
  );
}

function useScreens(words: string): SpotlightActionGroupData {
  const router = useRouter();
  const href = useHref();
  const wanted = words.trim().toLowerCase();
  const actions = screens
    .filter(({ label, keywords }) => `${label} ${keywords}`.toLowerCase().includes(wanted))
    .map(({ path, label, icon: Icon }) => ({
      id: `screen ${path}`,
      label,
      leftSection: <Icon size={iconSize} stroke={1.6} />,
      onClick: () => router.push(href(path)),
    }));
  return { group: 'Screens', actions };
}

function useFoundMemories(words: string): SpotlightActionGroupData {
  const router = useRouter();
  const href = useHref();
  const client = useTRPCClient();
  const space = useSpace();
  const [query] = useDebouncedValue(words.trim(), 200);
  const { data } = useQuery({
    queryKey: ['palette', space, query],
    queryFn: ({ signal }) => client.memories.query.mutate({ space, query, limit: 6, record: false }, { signal }),
    enabled: query.length > 1,
  });
  const memories = query.length > 1 ? (data?.memories ?? []) : [];
  const actions = memories.map(({ id, content, tier }) => ({
    id: `memory ${id}`,
    label: content.slice(0, 90),
    description: tier,
    leftSection: <IconNote size={iconSize} />,
    onClick: () => router.push(href('/memory', { id })),
  }));
  return { group: 'Memories', actions };
}

function useFoundSpaces(words: string): SpotlightActionGroupData {
  const router = useRouter();
  const href = useHref();
  const trpc = useTRPC();
  const [search] = useDebouncedValue(words.trim(), 200);
  const { data } = useQuery({
    ...trpc.spaces.list.queryOptions({ search, limit: 5 }),
    enabled: search !== '' && search.length <= 100,
  });
  const spaces = search === '' ? [] : (data?.spaces ?? []);
  const actions = spaces.map(({ space }) => ({
    id: `space ${space}`,
    label: space,
    leftSection: <IconDatabase size={iconSize} />,
    onClick: () => router.push(href('/', { space: spaceParam(space) })),
  }));
  return { group: 'Spaces', actions };
}

function useThemes(words: string): SpotlightActionGroupData {
  const { setColorScheme } = useMantineColorScheme();
  const themes = [
    {
      id: 'light',
      label: 'Light theme',
      leftSection: <IconSun size={iconSize} />,
      onClick: () => setColorScheme('light'),
    },
    {
      id: 'dark',
      label: 'Dark theme',
      leftSection: <IconMoon size={iconSize} />,
      onClick: () => setColorScheme('dark'),
    },
  ];
  const wanted = words.trim().toLowerCase();
  return {
    group: 'Look',
    actions: themes.filter(({ label }) => wanted !== '' && label.toLowerCase().includes(wanted)),
  };
}
