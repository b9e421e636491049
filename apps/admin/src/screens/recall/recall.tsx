'use client';

import { Grid, Group, SimpleGrid, Text, Title } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { useTRPCClient } from '../../frame/api.ts';
import { Nothing } from '../../parts/states.tsx';
import { type Profile, useAsked } from './asked.ts';
import { CopyAs } from './copy-as.tsx';
import { QuestionForm } from './question-form.tsx';
import { type Ranked, Ranking } from './ranking.tsx';

/** Asks as an agent would, and shows why each answer stands where it stands. Nothing of it is recorded. */
export function Recall() {
  const { request, shown } = useAsked();
  const client = useTRPCClient();
  const answers = useQueries({
    queries: shown.map((ranking) => ({
      queryKey: ['recall', request, ranking],
      enabled: request !== undefined,
      staleTime: 0,
      queryFn: async ({ signal }: { signal: AbortSignal }): Promise<Ranked | null> => {
        if (!request) return null;
        const begun = performance.now();
        const answer = await client.memories.query.mutate({ ...request, ranking, record: false }, { signal });
        return { ...answer, ms: performance.now() - begun };
      },
    })),
  });
  const placesOf = (profile: Profile) => {
    const index = shown.indexOf(profile);
    return new Map(answers[index]?.data?.memories.map(({ id }, place) => [id, place + 1]));
  };
  const other = { hybrid: 'structural', structural: 'hybrid' } as const;
  return (
    <>
      <Group justify="space-between" mb="xs">
        <Title order={1}>Recall</Title>
        {request && <CopyAs request={shown.length === 1 ? { ...request, ranking: shown[0] } : request} />}
      </Group>
      <Grid gap="sm">
        <Grid.Col span={{ base: 12, lg: 3 }}>
          <QuestionForm />
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 9 }}>
          {request ? (
            <SimpleGrid cols={{ base: 1, md: shown.length }} spacing="sm">
              {shown.map((profile, index) => {
                const answer = answers[index];
                return (
                  <Ranking
                    key={profile}
                    {...{ profile, answer: answer?.data ?? undefined, error: answer?.error }}
                    retry={() => void answer?.refetch()}
                    others={shown.length > 1 ? placesOf(other[profile]) : undefined}
                  />
                );
              })}
            </SimpleGrid>
          ) : (
            <Nothing title="Ask something">
              <Text size="sm">
                As an agent would: “What does Ada like to drink?” Both rankings answer beside each other, with what each
                term gave each score. Nothing is recorded, so nothing is strengthened by looking.
              </Text>
            </Nothing>
          )}
        </Grid.Col>
      </Grid>
    </>
  );
}
