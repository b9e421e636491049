'use client';

import type { EventEntry, EventsRequest, TailStep } from '@anima/client';
import { Button, Center, Group, MultiSelect, Switch, Text, TextInput, Title } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTRPCClient } from '../../frame/api.ts';
import { useSpace, useUrlState } from '../../frame/url.ts';
import { follow } from '../../live/follow.ts';
import { Failure, Loading, Nothing } from '../../parts/states.tsx';
import { useDraft } from '../../parts/use-draft.ts';
import { EventTable } from './event-table.tsx';
import { isEventType, typeNames } from './event-types.ts';

/** So many of what comes live are kept on the page. */
const keptLive = 500;
const pageSize = 100;

/** The log of a space: what happened, and what is happening. */
export function Events() {
  const client = useTRPCClient();
  const filters = useFilters();
  const [, change] = useUrlState();
  const [isLive, setLive] = useState(true);
  const log = useInfiniteQuery({
    queryKey: ['events', filters],
    queryFn: ({ pageParam: cursor, signal }) => {
      const page = { ...filters, limit: pageSize };
      return client.events.list.query(cursor === null ? page : { ...page, cursor }, { signal });
    },
    initialPageParam: null as number | null,
    getNextPageParam: ({ next }) => next,
    refetchOnWindowFocus: false,
  });
  const come = useTail(filters, isLive);
  const listed = log.data?.pages.flatMap((page) => page.events) ?? [];
  const newest = listed[0]?.position ?? 0;
  const events = [...come.filter(({ position }) => position > newest), ...listed];
  return (
    <>
      <Title order={1} mb="xs">
        Events
      </Title>
      <Group gap="xs" mb="xs" align="end" role="search">
        <MultiSelect
          {...{
            size: 'xs',
            label: 'Type',
            w: 260,
            data: typeNames,
            value: [...(filters.types ?? [])],
            clearable: true,
          }}
          placeholder={filters.types ? '' : 'any'}
          onChange={(types) => change({ types: types.join(',') })}
          searchable
        />
        <Written name="conversation" label="Conversation" />
        <Written name="memory" label="Memory id" />
        <Switch
          {...{ size: 'sm', label: 'live', checked: isLive, mb: 6 }}
          onChange={({ currentTarget }) => setLive(currentTarget.checked)}
        />
      </Group>
      {log.error ? (
        <Failure error={log.error} retry={() => void log.refetch()} />
      ) : !log.data ? (
        <Loading rows={12} />
      ) : events.length === 0 && !log.hasNextPage ? (
        <Nothing title="Nothing happened yet">
          Or nothing that meets these conditions. What comes is shown as it comes.
        </Nothing>
      ) : (
        <EventTable events={events} />
      )}
      {log.hasNextPage && (
        <Center mt="xs">
          <Button variant="subtle" loading={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
            Earlier
          </Button>
        </Center>
      )}
      {log.data && !log.hasNextPage && events.length > 0 && (
        <Text size="xs" className="console-quiet" ta="center" mt="xs">
          The log begins here.
        </Text>
      )}
    </>
  );
}

function useFilters(): Omit<EventsRequest, 'cursor'> {
  const space = useSpace();
  const [params] = useUrlState();
  const key = params.toString();
  return useMemo(() => {
    const given = new URLSearchParams(key);
    const types = given.get('types')?.split(',').filter(isEventType);
    const conditions = {
      types: types?.length ? types : undefined,
      conversationId: given.get('conversation') || undefined,
      memoryId: given.get('memory') || undefined,
    };
    return { space, ...Object.fromEntries(Object.entries(conditions).filter(([, value]) => value !== undefined)) };
  }, [key, space]);
}

/** What comes to the log while the page is open, newest first. After a break it goes on from where it was. */
function useTail(filters: Omit<EventsRequest, 'cursor'>, isLive: boolean): readonly EventEntry[] {
  const client = useTRPCClient();
  const [events, setEvents] = useState<readonly EventEntry[]>([]);
  const position = useRef<number>(undefined);
  useEffect(() => {
    setEvents([]);
    position.current = undefined;
    if (!isLive) return;
    return follow<TailStep>(
      (on) => {
        const after = position.current === undefined ? {} : { after: position.current };
        return client.events.tail.subscribe({ ...filters, ...after }, on);
      },
      (step) => {
        position.current = step.position;
        setEvents((before) => [...step.events.toReversed(), ...before].slice(0, keptLive));
      },
    );
  }, [client, filters, isLive]);
  return events;
}

function Written({ name, label }: { readonly name: string; readonly label: string }) {
  const [params, change] = useUrlState();
  const inUrl = params.get(name) ?? '';
  const [written, setWritten, sent] = useDraft(inUrl);
  const send = useDebouncedCallback((value: string) => {
    sent(value.trim());
    change({ [name]: value.trim() }, 'replace');
  }, 400);
  return (
    <TextInput
      {...{ label, value: written, placeholder: 'any', w: 200 }}
      onChange={({ currentTarget }) => {
        setWritten(currentTarget.value);
        send(currentTarget.value);
      }}
    />
  );
}
