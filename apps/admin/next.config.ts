import { fileURLToPath } from 'node:url';
import type { NextConfig } from 'next';

export default {
  // What is imported from the workspace is TypeScript as it is written.
  transpilePackages: ['@anima/client', '@anima/importers'],
  turbopack: { root: fileURLToPath(new URL('../..', import.meta.url)) },
  experimental: { optimizePackageImports: ['@mantine/core', '@mantine/hooks'] },
  // `npm run check` checks the types.
  typescript: { ignoreBuildErrors: true },
  poweredByHeader: false,
  headers: async () => [
    {
      source: '/:path*',
      headers: [
        { key: 'X-Frame-Options', value: 'DENY' },
        { key: 'X-Content-Type-Options', value: 'nosniff' },
        { key: 'Referrer-Policy', value: 'same-origin' },
      ],
    },
  ],
} satisfies NextConfig;
