'use client';

import type { LoggedEvent } from '@anima/client';
import { Badge, Group, Switch, Text, UnstyledButton } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef, useState } from 'react';
import { useUrlState } from '../../frame/url.ts';
import { Ago } from '../../parts/ago.tsx';
import { More } from '../../parts/more.tsx';
import { count } from '../../parts/numbers.ts';
import { Failure, Loading, Nothing } from '../../parts/states.tsx';
import classes from './event-list.module.css';
import type { Selected } from './selected.ts';
import { colorOf, isKind, kinds, tell } from './told.ts';
import { useLog } from './use-log.ts';

const rowHeight = 34;

/** Events, the newest first; the newest of all come by themselves. */
export function EventList({ selection }: { readonly selection: Selected }) {
  const [isLive, setLive] = useState(true);
  const { list, events, skipped } = useLog(selection, isLive);
  if (list.error) return <Failure error={list.error} retry={() => void list.refetch()} />;
  if (!list.data) return <Loading rows={14} height={26} />;
  const reached = list.data.pages.at(-1)?.next;
  return (
    <>
      <Group justify="space-between" mb={6}>
        <Switch
          size="xs"
          label="live"
          checked={isLive}
          onChange={({ currentTarget }) => setLive(currentTarget.checked)}
        />
        <Text size="xs" className="console-quiet console-number" role="status">
          {`${count(events.length)}${list.hasNextPage ? ' and more' : ''}${skipped ? '; so many came at once that some are left out' : ''}`}
        </Text>
      </Group>
      {events.length > 0 ? (
        <Rows events={events} />
      ) : (
        <Nothing title="No such event">
          {reached ? `None was found back to position ${reached}.` : 'Nothing of this kind happened here yet.'}
        </Nothing>
      )}
      <More of={list} label={events.length > 0 ? 'Earlier' : 'Look further back'} />
    </>
  );
}

/** Only the rows that are seen are drawn. */
function Rows({ events }: { readonly events: readonly LoggedEvent[] }) {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: events.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => events[index]?.position ?? index,
    overscan: 12,
  });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section ref={scroller} className={classes.scroller} aria-label="Log" tabIndex={0}>
      <ul style={{ height: rows.getTotalSize() }} className={classes.list}>
        {rows.getVirtualItems().map(({ index, key, start }) => {
          const event = events[index];
          return event && <Row key={key} event={event} start={start} />;
        })}
      </ul>
    </section>
  );
}

function Row({ event, start }: { readonly event: LoggedEvent; readonly start: number }) {
  const [params, change] = useUrlState();
  const { position, type, at, excerpt, conversation } = event;
  const isOpen = params.get('event') === String(position);
  return (
    <li className={classes.item} style={{ transform: `translateY(${start}px)` }}>
      <UnstyledButton
        className={classes.row}
        data-open={isOpen || undefined}
        onClick={() => change({ event: String(position) })}
      >
        <span className={`console-number console-quiet ${classes.position}`}>{position}</span>
        <span className={`console-quiet ${classes.at}`}>
          <Ago at={at} />
        </span>
        <Badge color={colorOf(type)} className={classes.kind}>
          {isKind(type) ? kinds[type] : type}
        </Badge>
        <span className={classes.told}>{tell(event)}</span>
        <span className={`console-quiet ${classes.excerpt}`}>{excerpt}</span>
        <span className={`console-quiet ${classes.conversation}`}>{conversation}</span>
      </UnstyledButton>
    </li>
  );
}
