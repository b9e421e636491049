/** What is going on, as one who follows a request sees it: a span of time with a name, and what was noted of it. */
export interface Span {
  /** Notes ids, names of ours and numbers: never what somebody remembered or asked, and no name of a space. */
  set(name: string, value: string | number | boolean): void;
}

/** A request that is being followed. */
export interface RequestTrace extends Span {
  /** What is done inside, and what is logged there, belongs to the request. */
  run<T>(work: () => T): T;
  /** Nothing more is to come of it. */
  end(hasFailed: boolean): void;
}

/**
 * Follows what is done from its begin to its end. Where nobody wants to know, there is none, or the one that does
 * nothing at all ({@link untraced}): so `work` gets no span.
 */
export interface Tracer {
  /** Work that is a part of what it is called in; where that is not followed, neither is the work. */
  step<T>(name: string, work: (span: Span | undefined) => Promise<T>): Promise<T>;
  /** Work that no request waits for: it is followed by itself, whoever caused it. */
  background<T>(name: string, work: (span: Span | undefined) => Promise<T>): Promise<T>;
  /**
   * A request that has arrived.
   *
   * @param headers those of the request: where its caller is followed too (W3C `traceparent`), it is a part of that
   */
  request(name: string, headers: Readonly<Record<string, string | readonly string[] | undefined>>): RequestTrace;
}

/** Runs the work, and that is all. */
export const untraced: Pick<Tracer, 'step' | 'background'> = {
  step: (_name, work) => work(undefined),
  background: (_name, work) => work(undefined),
};
