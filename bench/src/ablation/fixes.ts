/** What Anima does otherwise than the system before it; each can be turned back alone. */
const fixes = {
  cache: 'embeddings are cached',
  budget: 'the model is waited for within a budget',
  pairs: 'pairs are counted behind the answer',
  updates: 'accesses are counted behind the answer',
  scan: 'near-duplicates are looked for behind the answer',
  bootstrap: 'a bootstrap is one statement that reads',
  indexes: 'searches have indexes',
  pool: '50 connections',
} as const;

export type Fix = keyof typeof fixes;

export const allFixes = Object.keys(fixes) as Fix[];
