'use client';

import type { QueryHit, QueryResult } from '@anima/client';
import { Anchor, Badge, Group, Stack, Text, Tooltip } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import Link from 'next/link';
import { useHref } from '../../frame/url.ts';
import { milliseconds } from '../../parts/numbers.ts';
import { Panel } from '../../parts/panel.tsx';
import { Failure, Loading, Nothing } from '../../parts/states.tsx';
import { TierBadge } from '../../parts/tier-badge.tsx';
import type { Profile } from './asked.ts';
import classes from './ranking.module.css';

/** An answer with how long it took from here, ms. */
export interface Ranked extends QueryResult {
  readonly ms: number;
}

const titles: Readonly<Record<Profile, string>> = { hybrid: 'Hybrid', structural: 'Structural' };
const terms = {
  similarity: 'meaning',
  lexical: 'words',
  conversation: 'its conversation',
  neighbourTurn: 'turns beside it',
  resonance: 'resonance φ',
} as const;
type Term = keyof typeof terms;
const termNames = Object.keys(terms) as Term[];

interface RankingProps {
  readonly profile: Profile;
  readonly answer: Ranked | undefined;
  readonly error: unknown;
  readonly retry: () => void;
  /** Where the other ranking has each memory; undefined where it was not asked. */
  readonly others: ReadonlyMap<string, number> | undefined;
}

/** What one ranking answered, best first. */
export function Ranking({ profile, answer, error, retry, others }: RankingProps) {
  const best = Math.max(Number.EPSILON, ...(answer?.memories.map(({ score }) => score) ?? []));
  return (
    <Panel
      title={titles[profile]}
      aside={
        answer && (
          <Group gap="xs" wrap="nowrap">
            {answer.degraded && <Badge color="orange">words only: the model was too slow</Badge>}
            <Text size="xs" className="console-quiet console-number">
              {answer.count} in {milliseconds(answer.ms)}
              {answer.asOf && `, as of position ${answer.asOf.position}`}
            </Text>
          </Group>
        )
      }
    >
      {error ? (
        <Failure error={error} retry={retry} />
      ) : !answer ? (
        <Loading rows={8} height={44} />
      ) : answer.memories.length === 0 ? (
        <Nothing title="Nothing found">No memory shares a word with the question or is similar enough.</Nothing>
      ) : (
        <>
          <Legend hits={answer.memories} />
          <Stack gap="sm" component="ol" m={0} p={0} style={{ listStyle: 'none' }}>
            {answer.memories.map((hit, index) => (
              <Hit
                key={hit.id}
                {...{ hit, place: index + 1, best }}
                before={others?.get(hit.id)}
                isCompared={others !== undefined && others.size > 0}
                toTier={answer.promotions.find(({ memoryId }) => memoryId === hit.id)?.toTier}
              />
            ))}
          </Stack>
        </>
      )}
    </Panel>
  );
}

function Legend({ hits }: { readonly hits: readonly QueryHit[] }) {
  const used = termNames.filter((term) => hits.some((hit) => hit.terms[term] !== 0));
  return (
    <Group gap="sm" mb="xs">
      {used.map((term) => (
        <Group key={term} gap={4}>
          <span className={`${classes.swatch} ${classes.term}`} data-term={term} />
          <Text size="xs" className="console-quiet">
            {terms[term]}
          </Text>
        </Group>
      ))}
    </Group>
  );
}

interface HitProps {
  readonly hit: QueryHit;
  readonly place: number;
  /** The score that fills the bar. */
  readonly best: number;
  readonly before: number | undefined;
  readonly isCompared: boolean;
  readonly toTier: string | undefined;
}

function Hit({ hit, place, best, before, isCompared, toTier }: HitProps) {
  const href = useHref();
  return (
    <li className={classes.hit}>
      <Text size="sm" fw={600} className={`console-number ${classes.place}`}>
        {place}
      </Text>
      <div className={classes.body}>
        <Anchor component={Link} href={href('/memory', { id: hit.id })} c="inherit" size="sm" lineClamp={2}>
          {hit.content}
        </Anchor>
        <Bar hit={hit} best={best} />
        <Group gap={6}>
          <TierBadge tier={hit.tier} />
          {isCompared && <Moved place={place} before={before} />}
          {toTier && <Badge color="teal">would become {toTier}</Badge>}
          <Text size="xs" className="console-quiet console-number">
            score {hit.score.toFixed(3)} · cosine {hit.similarity?.toFixed(3) ?? '–'} · words {hit.lexical.toFixed(2)} ·
            φ {hit.phi.toFixed(2)}
          </Text>
        </Group>
      </div>
    </li>
  );
}

function Bar({ hit, best }: { readonly hit: QueryHit; readonly best: number }) {
  const words = termNames
    .filter((term) => hit.terms[term] !== 0)
    .map((term) => `${terms[term]} ${hit.terms[term].toFixed(3)}`);
  return (
    <Tooltip label={words.join(' + ')} multiline>
      <div className={classes.bar} role="img" aria-label={`Score ${hit.score.toFixed(3)}: ${words.join(', ')}`}>
        {termNames.map((term) => (
          <span
            key={term}
            className={`${classes.part} ${classes.term}`}
            data-term={term}
            style={{ width: `${(Math.max(0, hit.terms[term]) / best) * 100}%` }}
          />
        ))}
      </div>
    </Tooltip>
  );
}

/** Where the other ranking has it. */
function Moved({ place, before }: { readonly place: number; readonly before: number | undefined }) {
  if (before === undefined) return <Badge color="grape">only here</Badge>;
  if (before === place) return <Badge color="gray">same place</Badge>;
  const isUp = place < before;
  return (
    <Badge
      color={isUp ? 'teal' : 'orange'}
      leftSection={isUp ? <IconArrowUp size={11} /> : <IconArrowDown size={11} />}
    >
      {Math.abs(before - place)} from {before}
    </Badge>
  );
}
