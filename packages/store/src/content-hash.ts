import { createHash } from 'node:crypto';

/** What two memories of a space must not share: SHA-256 of the content, in hexadecimal. */
export function contentHash(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}
