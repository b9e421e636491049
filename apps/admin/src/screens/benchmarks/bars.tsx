'use client';

import type { BenchBlock } from '@anima/client';
import { Group, Progress, Stack, Text, useComputedColorScheme } from '@mantine/core';
import { shown } from './cells.tsx';
import { colorsOf, Legend } from './legend.tsx';

/** Values side by side, such as before and after, in a group for each thing compared. */
export function Bars({ block: { series, groups, y } }: { readonly block: Extract<BenchBlock, { kind: 'bars' }> }) {
  const colors = colorsOf(useComputedColorScheme('light'));
  const known = groups.flatMap(({ values }) => values.filter((value) => value !== null));
  const shareOf = y.scale === 'log' ? logarithmic(known) : linear(known);
  return (
    <>
      <Legend names={series} aside={`${y.label}${y.scale === 'log' ? ', logarithmic' : ''}`} />
      <Stack gap="xs">
        {groups.map(({ name, values }) => (
          <Group key={name} gap="xs" wrap="nowrap" align="center">
            <Text size="xs" w={{ base: 110, sm: 220 }} lineClamp={3} style={{ flexShrink: 0 }}>
              {name}
            </Text>
            <Stack gap={2} style={{ flex: 1 }}>
              {series.map((one, index) => {
                const value = values[index] ?? null;
                return (
                  <Group key={one} gap="xs" wrap="nowrap">
                    <Progress
                      value={value === null ? 0 : 100 * shareOf(value)}
                      {...{ color: colors[index % colors.length] ?? '', style: { flex: 1 } }}
                      aria-label={`${name}, ${one}: ${shown(value)} ${y.label}`}
                    />
                    <Text size="xs" w={64} ta="right" className="console-number" style={{ flexShrink: 0 }}>
                      {shown(value)}
                    </Text>
                  </Group>
                );
              })}
            </Stack>
          </Group>
        ))}
      </Stack>
    </>
  );
}

function linear(values: readonly number[]): (value: number) => number {
  const most = Math.max(...values, 0);
  return (value) => (most > 0 ? Math.max(0, value) / most : 0);
}

/** From the power of ten below the least, which so still has a bar. */
function logarithmic(values: readonly number[]): (value: number) => number {
  const logs = values.filter((value) => value > 0).map(Math.log10);
  if (logs.length === 0) return () => 0;
  const ground = Math.ceil(Math.min(...logs)) - 1;
  const most = Math.max(...logs);
  return (value) => (value > 0 ? (Math.log10(value) - ground) / (most - ground) : 0);
}
