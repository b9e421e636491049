import type { Metadata } from 'next';
import { Recall } from '../../screens/recall/recall.tsx';

export const metadata: Metadata = { title: 'Recall' };

export default function Page() {
  return <Recall />;
}
