import type { Metadata } from 'next';
import { Memories } from '../../screens/memories/memories.tsx';

export const metadata: Metadata = { title: 'Memories' };

export default function Page() {
  return <Memories />;
}
