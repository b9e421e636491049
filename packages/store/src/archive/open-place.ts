import { fileURLToPath } from 'node:url';
import { type BucketAccess, BucketPlace } from './bucket-place.ts';
import { FolderPlace } from './folder-place.ts';
import type { ArchivePlace } from './place.ts';

/** @param url `file:///folder` or `s3://bucket/prefix` */
export function openPlace(url: string, access: BucketAccess | undefined): ArchivePlace {
  const { protocol, hostname, pathname } = new URL(url);
  if (protocol === 'file:') return new FolderPlace(fileURLToPath(url));
  if (access === undefined) throw new Error('a bucket needs a key');
  return new BucketPlace(hostname, pathname.replaceAll(/^\/+|\/+$/g, ''), access);
}
