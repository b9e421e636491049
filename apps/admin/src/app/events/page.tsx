import type { Metadata } from 'next';
import { Events } from '../../screens/events/events.tsx';

export const metadata: Metadata = { title: 'Events' };

export default function Page() {
  return <Events />;
}
