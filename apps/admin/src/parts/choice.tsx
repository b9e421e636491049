'use client';

import { Anchor, type AnchorProps } from '@mantine/core';
import type { ReactNode } from 'react';

interface ChoiceProps extends Pick<AnchorProps, 'c' | 'truncate' | 'style'> {
  readonly isChosen: boolean;
  readonly onChoose: () => void;
  readonly children: ReactNode;
}

/** The name of one of several, in a list or a table; what is beside or below is of the one that is chosen. */
export function Choice({ isChosen, onChoose, children, ...look }: ChoiceProps) {
  return (
    <Anchor
      {...{ component: 'button', type: 'button', size: 'sm', ta: 'left', ...look }}
      aria-pressed={isChosen}
      onClick={onChoose}
    >
      {children}
    </Anchor>
  );
}

/** The ground of the row that is chosen. */
export const chosenRow = (isChosen: boolean) => (isChosen ? { bg: 'var(--mantine-color-default-hover)' } : {});
