/** From when on a memory is reported as a potential catalyst. It is reported only: nothing makes it one but a caller. */
export const catalystSigns = {
  /** Accesses within `withinMinutes` of one another. */
  accesses: 3,
  withinMinutes: 10,
  associations: 5,
} as const;

/** Words and phrases by which people mark a breakthrough, in the order in which they are looked for. */
export const catalystMarkers = [
  'breakthrough',
  'eureka',
  'epiphany',
  'turning point',
  'changed everything',
  'game changer',
  'insight',
  'realised',
  'realized',
  'finally',
] as const;

export type CatalystMarker = (typeof catalystMarkers)[number];

/** Why a memory could be a catalyst. */
export type CatalystReason =
  | { readonly kind: 'accesses'; readonly count: number; readonly withinMinutes: number }
  | { readonly kind: 'associations'; readonly count: number }
  | { readonly kind: 'marker'; readonly word: CatalystMarker };

/** What is known of a memory that could be a catalyst. */
export interface CatalystEvidence {
  /** When it was accessed: epoch milliseconds, in order. */
  readonly accessTimes: readonly number[];
  /** How many memories it is associated with. */
  readonly connections: number;
  readonly content: string;
}

/** The reasons that speak for a memory, in this order; none for most. */
export function catalystReasons({ accessTimes, connections, content }: CatalystEvidence): readonly CatalystReason[] {
  const { accesses, withinMinutes, associations } = catalystSigns;
  const count = densestAccesses(accessTimes);
  const word = markerIn(content);
  return [
    ...(count >= accesses ? [{ kind: 'accesses', count, withinMinutes } as const] : []),
    ...(connections >= associations ? [{ kind: 'associations', count: connections } as const] : []),
    ...(word === undefined ? [] : [{ kind: 'marker', word } as const]),
  ];
}

/** The most accesses that lie within the minutes of a sign, both ends included. */
export function densestAccesses(times: readonly number[]): number {
  const span = catalystSigns.withinMinutes * 60_000;
  let first = 0;
  let most = 0;
  for (const [last, time] of times.entries()) {
    while (time - (times[first] ?? time) > span) first += 1;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

const patterns = catalystMarkers.map(
  (word) => [word, new RegExp(`(?<![\\p{L}\\p{N}_])${word.replace(' ', '\\s+')}(?![\\p{L}\\p{N}_])`, 'iu')] as const,
);

/** The first marker that stands in a text as whole words, whatever their case. */
export function markerIn(content: string): CatalystMarker | undefined {
  return patterns.find(([, pattern]) => pattern.test(content))?.[0];
}
