import type { Metadata } from 'next';
import { MemoryScreen } from '../../screens/memory/memory-screen.tsx';

export const metadata: Metadata = { title: 'Memory' };

export default function Page() {
  return <MemoryScreen />;
}
