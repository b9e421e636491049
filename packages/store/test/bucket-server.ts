import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** Who may use it. */
export const keys = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'a secret/of+the bucket', region: 'eu-test-1' };

export interface BucketServer {
  readonly url: string;
  readonly objects: Map<string, Buffer>;
  /** Answers the next requests with these. */
  readonly faults: number[];
  close(): Promise<void>;
}

/**
 * What of S3 an archive asks for: PUT, GET and DELETE of objects. Every request must be signed as Amazon's
 * documentation says ("Signature Version 4"), which is worked out here anew, and a body must be the one that was signed.
 */
export async function startBucketServer(): Promise<BucketServer> {
  const objects = new Map<string, Buffer>();
  const faults: number[] = [];
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const answer = (status: number, code?: string, content?: Buffer) => {
      response.writeHead(status, { 'content-type': 'application/xml' });
      response.end(content ?? (code ? `<?xml version="1.0"?><Error><Code>${code}</Code></Error>` : undefined));
    };
    const fault = faults.shift();
    if (fault !== undefined) return answer(fault, 'SlowDown');
    if (createHash('sha256').update(body).digest('hex') !== request.headers['x-amz-content-sha256']) {
      if (request.headers['x-amz-content-sha256'] !== 'UNSIGNED-PAYLOAD' || body.length > 0) {
        return answer(400, 'XAmzContentSHA256Mismatch');
      }
    }
    if (request.headers.authorization !== signatureOf(request)) return answer(403, 'SignatureDoesNotMatch');
    const name = decodeURIComponent(request.url ?? '');
    if (request.method === 'PUT') {
      objects.set(name, body);
      return answer(200);
    }
    if (request.method === 'DELETE') return answer(objects.delete(name) ? 204 : 404);
    const found = objects.get(name);
    return found ? answer(200, undefined, found) : answer(404, 'NoSuchKey');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    ...{ url: `http://127.0.0.1:${port}`, objects, faults },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The `Authorization` that a request should have: of its method, path, and the headers that it says it signed. */
function signatureOf({ method, url = '', headers }: IncomingMessage): string {
  const [, signed = ''] = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? '') ?? [];
  for (const required of ['host', 'x-amz-content-sha256', 'x-amz-date'])
    if (!signed.split(';').includes(required)) return '';
  const time = String(headers['x-amz-date']);
  const lines = signed.split(';').map((name) => `${name}:${headers[name]}\n`);
  const canonical = [method, url, '', lines.join(''), signed, headers['x-amz-content-sha256']].join('\n');
  const scope = `${time.slice(0, 8)}/${keys.region}/s3/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', time, scope, createHash('sha256').update(canonical).digest('hex')].join('\n');
  let key: Buffer = Buffer.from(`AWS4${keys.secretAccessKey}`);
  for (const part of scope.split('/')) key = createHmac('sha256', key).update(part).digest();
  const signature = createHmac('sha256', key).update(text).digest('hex');
  return `AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${signature}`;
}
