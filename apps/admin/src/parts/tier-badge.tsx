'use client';

import { Badge } from '@mantine/core';

const colors: Readonly<Record<string, string>> = { active: 'gray', thread: 'blue', stable: 'teal', network: 'grape' };

/** A memory's tier, in the colour that it has everywhere. */
export function TierBadge({ tier }: { readonly tier: string }) {
  return (
    <Badge color={colors[tier] ?? 'gray'} style={{ flexShrink: 0 }}>
      {tier}
    </Badge>
  );
}
