/** The longest `source` and `conversationId` that a memory may have, and the longest tag. */
const limits = { source: 100, conversationId: 200, tag: 50 } as const;

/** A memory as `addMany` takes it. */
export interface ImportedMemory {
  readonly content: string;
  readonly category: string;
  readonly tags: readonly string[];
  /** Where it comes from: the note and its heading, or the conversation and its message. */
  readonly source: string;
  readonly conversationId?: string;
  /** ISO 8601, UTC. */
  readonly occurredAt?: string;
}

export interface ImportItem {
  readonly memory: ImportedMemory;
  /** Where in what was read it stands, for whoever looks for it. */
  readonly place: string;
}

/** Something that cannot be read. */
export interface Fault {
  readonly place: string;
  readonly reason: string;
}

/** What was found in a file, and what of it was left out. */
export interface Reading {
  readonly items: readonly ImportItem[];
  /** What was left out on purpose: why, and how often. */
  readonly skipped: ReadonlyMap<string, number>;
  readonly faults: readonly Fault[];
}

/** A reading while it grows. */
export class Findings implements Reading {
  readonly items: ImportItem[] = [];
  readonly skipped = new Map<string, number>();
  readonly faults: Fault[] = [];

  add(place: string, memory: ImportedMemory): void {
    const { source, conversationId, tags } = memory;
    this.items.push({
      place,
      memory: {
        ...memory,
        content: memory.content.toWellFormed(),
        source: withinEnd(source, limits.source),
        tags: [...new Set(tags.map((tag) => within(tag.trim(), limits.tag)))].filter((tag) => tag !== '').slice(0, 20),
        ...(conversationId === undefined ? {} : { conversationId: withinEnd(conversationId, limits.conversationId) }),
      },
    });
  }

  skip(reason: string, count = 1): void {
    this.skipped.set(reason, (this.skipped.get(reason) ?? 0) + count);
  }

  fault(place: string, reason: string): void {
    this.faults.push({ place, reason });
  }

  include(other: Reading): void {
    for (const item of other.items) this.items.push(item);
    for (const fault of other.faults) this.faults.push(fault);
    for (const [reason, count] of other.skipped) this.skip(reason, count);
  }
}

function within(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).toWellFormed()}…`;
}

/** The end of a path says more than its beginning. */
function withinEnd(text: string, length: number): string {
  return text.length <= length ? text : `…${text.slice(1 - length).toWellFormed()}`;
}
