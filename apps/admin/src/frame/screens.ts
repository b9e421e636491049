import { IconBrain, IconDashboard, IconMessageSearch } from '@tabler/icons-react';
import type { ComponentType } from 'react';

export interface Screen {
  readonly path: string;
  readonly label: string;
  /** What somebody may look for who does not know the label. */
  readonly keywords: string;
  readonly icon: ComponentType<{ readonly size?: number | string; readonly stroke?: number | string }>;
}

/** What the navigation and the palette offer, in this order. A screen is `src/app/<path>/page.tsx` and a line here. */
export const screens: readonly Screen[] = [
  { path: '/', label: 'Overview', keywords: 'health latency home', icon: IconDashboard },
  { path: '/memories', label: 'Memories', keywords: 'list search filter forgotten', icon: IconBrain },
  { path: '/recall', label: 'Recall', keywords: 'query playground ask ranking', icon: IconMessageSearch },
];
