import { createHash } from 'node:crypto';
import { createReadStream, openAsBlob } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { AnimaError } from '@anima/core';
import { AwsClient } from 'aws4fetch';
import { type ArchivePlace, unreadable } from './place.ts';

export interface BucketAccess {
  /** Where the service is; undefined: Amazon's, of the region. */
  readonly endpoint: string | undefined;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
}

/** Times that a request is repeated which the service could not answer. */
const retries = 4;

/** A bucket of S3, or of what speaks like it. */
export class BucketPlace implements ArchivePlace {
  readonly name: string;
  readonly #root: string;
  readonly #client: AwsClient;

  constructor(bucket: string, prefix: string, { endpoint, region, sessionToken, ...keys }: BucketAccess) {
    const path = prefix === '' ? '' : `/${prefix}`;
    this.name = `s3://${bucket}${path}`;
    const host = endpoint === undefined ? `https://${bucket}.s3.${region}.amazonaws.com` : undefined;
    this.#root = `${host ?? `${endpoint?.replace(/\/+$/, '')}/${bucket}`}${path}`;
    const token = sessionToken === undefined ? {} : { sessionToken };
    this.#client = new AwsClient({ ...keys, ...token, service: 's3', region, retries });
  }

  async put(name: string, path: string): Promise<void> {
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash);
    // Signed with the digest of its body, so that the service refuses what was damaged on its way.
    const headers = { 'x-amz-content-sha256': hash.digest('hex'), 'content-type': 'application/gzip' };
    const answer = await this.#ask(name, { method: 'PUT', headers, body: await openAsBlob(path) });
    if (!answer.ok) throw await this.#refused(name, answer);
    await answer.body?.cancel();
  }

  async get(name: string): Promise<AsyncIterable<Uint8Array>> {
    const answer = await this.#ask(name, { method: 'GET' });
    if (!answer.ok || answer.body === null) throw await this.#refused(name, answer);
    return this.#pieces(name, answer.body);
  }

  async remove(name: string): Promise<void> {
    const answer = await this.#ask(name, { method: 'DELETE' });
    if (!answer.ok && answer.status !== 404) throw await this.#refused(name, answer);
    await answer.body?.cancel();
  }

  async #ask(name: string, init: RequestInit): Promise<Response> {
    try {
      return await this.#client.fetch(`${this.#root}/${name}`, init);
    } catch (error) {
      throw unreadable(this.name, name, error);
    }
  }

  async *#pieces(name: string, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* body;
    } catch (error) {
      throw unreadable(this.name, name, error);
    }
  }

  /** What the service says of it is a short XML; its code is what helps. */
  async #refused(name: string, answer: Response): Promise<AnimaError> {
    const code = /<Code>(\w+)<\/Code>/.exec(await answer.text())?.[1] ?? '';
    return new AnimaError('UNAVAILABLE', `${this.name} answered ${[answer.status, code].join(' ').trim()} for ${name}`);
  }
}
