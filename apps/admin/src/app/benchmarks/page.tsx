import type { Metadata } from 'next';
import { Benchmarks } from '../../screens/benchmarks/benchmarks.tsx';

export const metadata: Metadata = { title: 'Benchmarks' };

export default function Page() {
  return <Benchmarks />;
}
