import type { ArchiveOptions } from '@anima/store';
import { type Env, SettingsError } from './env.ts';

/**
 * Where old events go, with what a bucket needs.
 *
 * @throws SettingsError where a bucket is named and no key for it
 */
export function archiveSettings(env: Env): ArchiveOptions {
  const { LOG_ARCHIVE_URL: url, LOG_KEEP_DAYS: keepDays } = env;
  if (url === undefined || new URL(url).protocol === 'file:') return { url, keepDays, access: undefined };
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw new SettingsError('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be set for a bucket in LOG_ARCHIVE_URL');
  }
  const { LOG_ARCHIVE_ENDPOINT: endpoint, AWS_REGION: region, AWS_SESSION_TOKEN: sessionToken } = env;
  return { url, keepDays, access: { endpoint, region, accessKeyId, secretAccessKey, sessionToken } };
}
