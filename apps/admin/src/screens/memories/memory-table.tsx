'use client';

import type { StoredEntry } from '@anima/client';
import { Anchor, Badge, Checkbox, Text } from '@mantine/core';
import { IconBolt } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import Link from 'next/link';
import { useEffect, useRef } from 'react';
import { useHref } from '../../frame/url.ts';
import { Ago } from '../../parts/ago.tsx';
import { TierBadge } from '../../parts/tier-badge.tsx';
import classes from './memory-table.module.css';

const rowHeight = 40;
/** So many rows before the end the next page is asked for. */
const ahead = 30;

interface MemoryTableProps {
  readonly memories: readonly StoredEntry[];
  readonly selected: ReadonlySet<string>;
  readonly onSelect: (selected: ReadonlySet<string>) => void;
  readonly isStale: boolean;
  readonly more: (() => void) | undefined;
}

/** Only the rows that are seen are drawn, however many there are. */
export function MemoryTable({ memories, selected, onSelect, isStale, more }: MemoryTableProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: memories.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  });
  const drawn = rows.getVirtualItems();
  const last = drawn.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && last >= memories.length - ahead) more();
  }, [more, last, memories.length]);
  const all = selected.size > 0 && memories.every(({ id }) => selected.has(id));
  const toggle = (id: string) => {
    const next = new Set(selected);
    if (!next.delete(id)) next.add(id);
    onSelect(next);
  };
  const before = drawn[0]?.start ?? 0;
  const behind = rows.getTotalSize() - (drawn.at(-1)?.end ?? 0);
  return (
    <section
      ref={scroller}
      className={classes.scroller}
      data-stale={isStale || undefined}
      aria-label="List of memories"
    >
      <table className={classes.table} aria-rowcount={more ? -1 : memories.length + 1}>
        <thead>
          <tr>
            <th scope="col" className={classes.check}>
              <Checkbox
                size="xs"
                aria-label="Select all that are loaded"
                checked={all}
                indeterminate={selected.size > 0 && !all}
                onChange={() => onSelect(all ? new Set() : new Set(memories.map(({ id }) => id)))}
              />
            </th>
            <th scope="col">Content</th>
            <th scope="col" className={classes.tier}>
              Tier
            </th>
            <th scope="col" className={classes.phi}>
              φ
            </th>
            <th scope="col" className={`${classes.accesses} ${classes.wide}`}>
              Accesses
            </th>
            <th scope="col" className={`${classes.labels} ${classes.wide}`}>
              Category, tags
            </th>
            <th scope="col" className={classes.added}>
              Added
            </th>
          </tr>
        </thead>
        <tbody>
          <Space height={before} />
          {drawn.map(({ index }) => {
            const memory = memories[index];
            return (
              memory && (
                <Row
                  key={memory.id}
                  {...{ memory, index }}
                  isSelected={selected.has(memory.id)}
                  onToggle={() => toggle(memory.id)}
                />
              )
            );
          })}
          <Space height={behind} />
        </tbody>
      </table>
    </section>
  );
}

/** In place of the rows that are not drawn. */
function Space({ height }: { readonly height: number }) {
  return (
    height > 0 && (
      <tr aria-hidden className={classes.space}>
        <td colSpan={7} style={{ height }} />
      </tr>
    )
  );
}

interface RowProps {
  readonly memory: StoredEntry;
  readonly index: number;
  readonly isSelected: boolean;
  readonly onToggle: () => void;
}

function Row({ memory, index, isSelected, onToggle }: RowProps) {
  const href = useHref();
  const { id, content, tier, resonancePhi, accessCount, category, tags, createdAt, isCatalyst, embedding } = memory;
  return (
    <tr aria-rowindex={index + 2} data-selected={isSelected || undefined}>
      <td>
        <Checkbox size="xs" aria-label={`Select: ${content.slice(0, 60)}`} checked={isSelected} onChange={onToggle} />
      </td>
      <td>
        <Anchor component={Link} href={href('/memory', { id })} c="inherit" size="sm" truncate display="block">
          {content}
        </Anchor>
      </td>
      <td>
        <div className={classes.line}>
          <TierBadge tier={tier} />
          {isCatalyst && <IconBolt size={14} aria-label="catalyst" />}
        </div>
      </td>
      <td className={`console-number ${classes.phi}`}>{resonancePhi.toFixed(2)}</td>
      <td className={`console-number ${classes.accesses} ${classes.wide}`}>{accessCount}</td>
      <td className={classes.wide}>
        <div className={classes.line}>
          {category && <Badge color="gray">{category}</Badge>}
          {embedding === 'pending' && <Badge color="orange">vector pending</Badge>}
          {tags.slice(0, 3).map((tag) => (
            <Text key={tag} span size="xs" className="console-quiet">
              #{tag}
            </Text>
          ))}
        </div>
      </td>
      <td className={`console-quiet ${classes.added}`}>
        <Ago at={createdAt} />
      </td>
    </tr>
  );
}
