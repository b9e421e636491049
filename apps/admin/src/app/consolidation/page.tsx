import type { Metadata } from 'next';
import { Consolidation } from '../../screens/consolidation/consolidation.tsx';

export const metadata: Metadata = { title: 'Consolidation' };

export default function Page() {
  return <Consolidation />;
}
