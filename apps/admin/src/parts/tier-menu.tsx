'use client';

import { Button, Menu } from '@mantine/core';
import { IconStack2 } from '@tabler/icons-react';
import { type Tier, tiers } from './tiers.ts';

interface TierMenuProps {
  /** The one that it has already. */
  readonly current?: Tier;
  readonly onChoose: (tier: Tier) => void;
}

/** A tier, to be set by hand. */
export function TierMenu({ current, onChoose }: TierMenuProps) {
  return (
    <Menu>
      <Menu.Target>
        <Button variant="light" leftSection={<IconStack2 size={14} />}>
          Set tier
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {tiers.map((tier) => (
          <Menu.Item key={tier} disabled={tier === current} onClick={() => onChoose(tier)}>
            {tier}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
