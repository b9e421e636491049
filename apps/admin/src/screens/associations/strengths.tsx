'use client';

import type { NetworkStats } from '@anima/client';
import { Group, Progress, Stack, Text } from '@mantine/core';
import { count } from '../../parts/numbers.ts';
import { Panel } from '../../parts/panel.tsx';

/** What each class of strengths means in times recalled together. */
const often = ['1–2×', '3–8×', '9–30×', '31–98×', '99–315×', '316–998×', 'more'];

/** How many pairs are how strong, in the whole space. */
export function Strengths({ stats: { pairs, memories, distribution } }: { readonly stats: NetworkStats }) {
  const most = Math.max(1, ...distribution.map((one) => one.pairs));
  return (
    <Panel title="Strengths" aside={<Text size="xs">{`${count(pairs)} pairs of ${count(memories)} memories`}</Text>}>
      <Stack gap={6}>
        {distribution.map((one, index) => (
          <Group key={one.from} gap="xs" wrap="nowrap">
            <Text size="xs" w={72} className="console-number">
              {often[index]}
            </Text>
            <Progress
              value={(one.pairs / most) * 100}
              style={{ flex: 1 }}
              aria-label={`Recalled together ${often[index]}: ${one.pairs} pairs`}
            />
            <Text size="xs" w={56} ta="right" className="console-number">
              {count(one.pairs)}
            </Text>
          </Group>
        ))}
      </Stack>
    </Panel>
  );
}
