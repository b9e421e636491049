import type { Metadata } from 'next';
import { Associations } from '../../screens/associations/associations.tsx';

export const metadata: Metadata = { title: 'Associations' };

export default function Page() {
  return <Associations />;
}
