/** One HTTP request as the client sent it. */
export interface SentRequest {
  readonly url: URL;
  readonly headers: Headers;
  /** Inputs of the calls it carries. */
  readonly inputs: readonly Record<string, unknown>[];
}

export interface StubFetch {
  readonly fetch: typeof fetch;
  readonly requests: readonly SentRequest[];
}

/** A `fetch` that answers the n-th request with what `answer` says. */
export function stubFetch(answer: (attempt: number, request: SentRequest) => Response | Promise<Response>): StubFetch {
  const requests: SentRequest[] = [];
  return {
    requests,
    fetch: async (input, init) => {
      const url = new URL(String(input));
      const sent = JSON.parse(typeof init?.body === 'string' ? init.body : (url.searchParams.get('input') ?? '{}'));
      const calls = url.pathname.split(',');
      const inputs = url.searchParams.has('batch') ? calls.map((_, index) => sent[index] ?? {}) : [sent];
      const request = { url, headers: new Headers(init?.headers), inputs };
      requests.push(request);
      init?.signal?.throwIfAborted();
      return answer(requests.length, request);
    },
  };
}

/** An answer with a result for each call of the request. */
export function succeed({ inputs, url }: SentRequest): Response {
  const results = inputs.map((input) => ({ result: { data: input } }));
  return Response.json(url.searchParams.has('batch') ? results : results[0]);
}

/** An answer of the server that it cannot, or will not, serve the request. */
export function refuse(code: string, httpStatus: number, headers: Record<string, string> = {}): Response {
  const anima = { code, message: `it is ${code}` };
  const error = { message: anima.message, code: -32_603, data: { code, httpStatus, anima } };
  return Response.json({ error }, { status: httpStatus, headers });
}
