import type { ArchiveOptions } from '@anima/store';
import type { Env } from './env.ts';

/** Where old events go, with what a bucket needs where there is a key for it. */
export function archiveSettings(env: Env): ArchiveOptions {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  return {
    url: env.LOG_ARCHIVE_URL,
    keepDays: env.LOG_KEEP_DAYS,
    access:
      accessKeyId === undefined || secretAccessKey === undefined
        ? undefined
        : {
            ...{ endpoint: env.LOG_ARCHIVE_ENDPOINT, region: env.AWS_REGION },
            ...{ accessKeyId, secretAccessKey, sessionToken: env.AWS_SESSION_TOKEN },
          },
  };
}
