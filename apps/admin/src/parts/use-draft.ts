'use client';

import { useEffect, useRef, useState } from 'react';

/**
 * Text that is written here and then goes to the URL, from where it may come back changed: by the back button, or a
 * link. What was sent there does not overwrite what has been written since.
 *
 * @returns the text, what changes it, and what is told of each text that is sent to the URL
 */
export function useDraft(inUrl: string): readonly [string, (text: string) => void, (sent: string) => void] {
  const [draft, setDraft] = useState(inUrl);
  const known = useRef(inUrl);
  useEffect(() => {
    if (inUrl === known.current) return;
    known.current = inUrl;
    setDraft(inUrl);
  }, [inUrl]);
  const sent = (text: string) => {
    known.current = text;
  };
  return [draft, setDraft, sent];
}
