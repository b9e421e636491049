'use client';

import { Button, FileButton, Group, Progress, Stack, Text } from '@mantine/core';
import { IconFileImport, IconSparkles } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTRPCClient } from '../frame/api.ts';
import { useSpace } from '../frame/url.ts';
import type { NewMemory } from './memory-file.ts';
import { sayDone, sayFailed } from './say.tsx';
import { Nothing } from './states.tsx';

const atOnce = 50;

/** What an empty space shows: the way to its first memories. */
export function FirstMemories() {
  const space = useSpace();
  const client = useTRPCClient();
  const queries = useQueryClient();
  const [done, setDone] = useState<number>();
  const bring = async (load: () => Promise<readonly NewMemory[]>) => {
    setDone(0);
    try {
      const memories = await load();
      for (let from = 0; from < memories.length; from += atOnce) {
        await client.memories.addMany.mutate({ memories: memories.slice(from, from + atOnce), space });
        setDone((from + atOnce) / memories.length);
      }
      await queries.invalidateQueries();
      sayDone(`Remembered ${memories.length} memories in “${space}”`);
    } catch (error) {
      sayFailed(error);
    } finally {
      setDone(undefined);
    }
  };
  return (
    <Nothing title={`“${space}” is empty`}>
      <Stack gap="sm" align="center">
        <Text size="sm">
          Bring memories from a file (notes, an export of ChatGPT or Claude, a transcript, lines of{' '}
          <code>{'{"content": …}'}</code>), let an agent add them, or look around with a sample first.
        </Text>
        {done === undefined ? (
          <Group gap="xs" justify="center">
            <FileButton
              accept=".jsonl,.ndjson,.json,.txt,.md,.zip"
              onChange={(file) => file && void bring(() => memoriesOf(file))}
            >
              {(props) => (
                <Button {...props} variant="light" leftSection={<IconFileImport size={14} />}>
                  Import a file
                </Button>
              )}
            </FileButton>
            <Button
              leftSection={<IconSparkles size={14} />}
              onClick={() => void bring(async () => (await import('./sample.ts')).sample)}
            >
              Try a sample
            </Button>
          </Group>
        ) : (
          <Progress value={Math.max(4, done * 100)} w={220} animated aria-label="Importing" />
        )}
        <Text size="xs">
          A folder, an exported space, or again what has changed since: <code>npm run anima -- import PATH</code>
        </Text>
      </Stack>
    </Nothing>
  );
}

async function memoriesOf(file: File): Promise<readonly NewMemory[]> {
  const { readMemories } = await import('./memory-file.ts');
  return readMemories(file.name, new Uint8Array(await file.arrayBuffer()));
}
