'use client';

import { Anchor, Mark, SimpleGrid, Text } from '@mantine/core';
import Link from 'next/link';
import { Fragment, useMemo } from 'react';
import { useHref } from '../../frame/url.ts';

interface Side {
  readonly memoryId: string;
  /** Null when it was erased. */
  readonly content: string | null;
}

/** Two memories beside each other, with the words marked that only one of them has. */
export function TwoTexts({ survivor, merged }: { readonly survivor: Side; readonly merged: Side }) {
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
      <OneText side={survivor} other={merged} what="kept" />
      <OneText side={merged} other={survivor} what="variant" />
    </SimpleGrid>
  );
}

function OneText({ side, other, what }: { readonly side: Side; readonly other: Side; readonly what: string }) {
  const href = useHref();
  const parts = useMemo(() => (side.content === null ? [] : partsOf(side.content, other.content ?? '')), [side, other]);
  return (
    <div>
      <Text size="xs" className="console-quiet">
        {what}
      </Text>
      {side.content === null ? (
        <Text size="sm" fs="italic" className="console-quiet">
          erased
        </Text>
      ) : (
        <Anchor component={Link} href={href('/memory', { id: side.memoryId })} size="sm" c="inherit" lineClamp={6}>
          {parts.map(({ text, isOwn, at }) =>
            isOwn ? <Mark key={at}>{text}</Mark> : <Fragment key={at}>{text}</Fragment>,
          )}
        </Anchor>
      )}
    </div>
  );
}

/** A text in words and what is between them; `isOwn` for words that the other has not. */
function partsOf(text: string, other: string) {
  const words = /[\p{L}\p{N}]+/gu;
  const theirs = new Set(other.toLowerCase().match(words));
  let at = 0;
  return text.split(/([\p{L}\p{N}]+)/u).map((part) => {
    const place = at;
    at += part.length;
    return { text: part, at: place, isOwn: /^[\p{L}\p{N}]/u.test(part) && !theirs.has(part.toLowerCase()) };
  });
}
