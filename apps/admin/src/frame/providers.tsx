'use client';

import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { LiveProvider } from '../live/live-provider.tsx';
import { createClient, createQueryClient, TRPCProvider } from './api.ts';
import { theme } from './theme.ts';

/** What every screen stands on: theme, queries, the typed client, and the server's live numbers. */
export function Providers({ children }: { readonly children: ReactNode }) {
  const [queryClient] = useState(createQueryClient);
  const [client] = useState(createClient);
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <QueryClientProvider client={queryClient}>
        <TRPCProvider trpcClient={client} queryClient={queryClient}>
          <LiveProvider>
            <Notifications position="bottom-right" />
            {children}
          </LiveProvider>
        </TRPCProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}
