import {
  IconAffiliate,
  IconBrain,
  IconDashboard,
  IconGauge,
  IconGitMerge,
  IconListDetails,
  IconMessageSearch,
  IconSettings,
  IconTimeline,
} from '@tabler/icons-react';
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
  { path: '/associations', label: 'Associations', keywords: 'network graph hubs together', icon: IconAffiliate },
  {
    path: '/consolidation',
    label: 'Consolidation',
    keywords: 'merges duplicates unmerge threshold',
    icon: IconGitMerge,
  },
  { path: '/events', label: 'Events', keywords: 'log live tail projections rebuild checkpoints', icon: IconTimeline },
  { path: '/jobs', label: 'Jobs', keywords: 'queues failures retry workers', icon: IconListDetails },
  { path: '/benchmarks', label: 'Benchmarks', keywords: 'runs compare history targets gate', icon: IconGauge },
  {
    path: '/settings',
    label: 'Settings',
    keywords: 'spaces model policy configuration engine health',
    icon: IconSettings,
  },
];
