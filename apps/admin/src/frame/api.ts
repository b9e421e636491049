'use client';

import { type AnimaClient, type AppRouter, createAnimaClient } from '@anima/client';
import { QueryClient } from '@tanstack/react-query';
import { createTRPCContext } from '@trpc/tanstack-react-query';

/** `useTRPC()` gives query and mutation options of every procedure, `useTRPCClient()` the typed client itself. */
export const { TRPCProvider, useTRPC, useTRPCClient } = createTRPCContext<AppRouter>();

/** The console asks its own origin, which passes it on to the server. */
export function createClient(): AnimaClient {
  const url = typeof window === 'undefined' ? 'http://localhost' : window.location.origin;
  return createAnimaClient({ url });
}

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      // The client itself repeats what fails for a reason that passes, and pages ask anew once the server is back.
      queries: { retry: false, networkMode: 'always', staleTime: 2_000 },
      mutations: { retry: false, networkMode: 'always' },
    },
  });
}
