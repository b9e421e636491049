'use client';

import type { BenchBlock } from '@anima/client';
import { Badge, Table } from '@mantine/core';
import { WideTable } from '../../parts/wide-table.tsx';

const number = Intl.NumberFormat('en', { maximumSignificantDigits: 4 });

export type TableParts = Pick<Extract<BenchBlock, { kind: 'table' }>, 'columns' | 'rows'>;
type Cell = string | number | null | undefined;

/** Words of the regression gate; those that a table has in its column `verdict`. */
const verdicts: Readonly<Record<string, string>> = { slower: 'red', faster: 'teal', same: 'gray', new: 'blue' };

/** A table of a report, whatever it is of. */
export function Cells({ columns, rows }: TableParts) {
  return (
    <WideTable minWidth={Math.min(900, columns.length * 90)}>
      <Table.Thead>
        <Table.Tr>
          {columns.map(({ name, align }) => (
            <Table.Th key={name} ta={align}>
              {name}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((row, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a report does not change, and its rows may be alike
          <Table.Tr key={index}>
            {columns.map(({ name, align }, column) => (
              <Table.Td key={name} ta={align} className="console-number">
                <Shown cell={row[column]} isVerdict={name === 'verdict'} />
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  );
}

function Shown({ cell, isVerdict }: { readonly cell: Cell; readonly isVerdict: boolean }) {
  const color = isVerdict && typeof cell === 'string' ? verdicts[cell] : undefined;
  return color ? <Badge color={color}>{cell}</Badge> : shown(cell);
}

export function shown(cell: Cell): string {
  if (typeof cell === 'number') return number.format(cell);
  return cell ?? '–';
}
