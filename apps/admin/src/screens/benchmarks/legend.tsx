'use client';

import { ColorSwatch, Group, Text, useComputedColorScheme } from '@mantine/core';
import type { Scheme } from '../../parts/plot.tsx';

const colors: Readonly<Record<Scheme, readonly string[]>> = {
  light: ['#0b7285', '#b84a08', '#862e9c', '#2b6a1b', '#1864ab', '#a61e4d', '#5c5f00', '#495057'],
  dark: ['#3bc9db', '#ffa94d', '#e599f7', '#8ce99a', '#74c0fc', '#faa2c1', '#ffe066', '#ced4da'],
};

/** Colours of series, in their order; they begin anew where there are more. */
export const colorsOf = (scheme: Scheme): readonly string[] => colors[scheme];

interface LegendProps {
  readonly names: readonly string[];
  /** What is drawn by what. */
  readonly aside: string;
}

/** Which colour is which series. */
export function Legend({ names, aside }: LegendProps) {
  const shades = colorsOf(useComputedColorScheme('light'));
  return (
    <Group gap="sm" mb={4}>
      {names.map((name, index) => (
        <Group key={name} gap={4} wrap="nowrap">
          <ColorSwatch size={10} color={shades[index % shades.length] ?? ''} withShadow={false} />
          <Text size="xs">{name}</Text>
        </Group>
      ))}
      <Text size="xs" className="console-quiet" ml="auto">
        {aside}
      </Text>
    </Group>
  );
}
