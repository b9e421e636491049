import type { Metadata } from 'next';
import { Jobs } from '../../screens/jobs/jobs.tsx';

export const metadata: Metadata = { title: 'Jobs' };

export default function Page() {
  return <Jobs />;
}
