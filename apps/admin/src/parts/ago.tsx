'use client';

import { Tooltip } from '@mantine/core';
import { useEffect, useState } from 'react';

const units = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
] as const;

/** How long ago something was, in a word; when exactly, for who points at it. */
export function Ago({ at }: { readonly at: string }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 10_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <Tooltip label={new Date(at).toLocaleString()}>
      <time dateTime={at} className="console-number" style={{ whiteSpace: 'nowrap' }}>
        {ago(now - Date.parse(at))}
      </time>
    </Tooltip>
  );
}

function ago(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  for (const [unit, length] of units) if (seconds >= length) return `${Math.floor(seconds / length)} ${unit} ago`;
  return seconds < 5 ? 'just now' : `${seconds} s ago`;
}
