// The table of faults: what struck, how often, and what became of what had been acknowledged.

/** What became of one fault, as its test tells it (`apps/server/test/faults/trial.ts`): a row of the table. */
export interface FaultRow {
  readonly fault: string;
  readonly engine: string;
  /** Why it was not tried. */
  readonly skipped?: string;
  /** How often it struck. */
  readonly times: number;
  /** Requests that were acknowledged around it, and the accesses among what they did. */
  readonly acknowledged: number;
  readonly accesses: number;
  /** Acknowledged memories, recalls and citations that are gone. */
  readonly lost: number;
  /** Accesses that were counted too often or not at all. */
  readonly miscounted: number;
  /** For each time, how long after its end a request was answered again, ms. */
  readonly answeredAfterMs: readonly number[];
}

/** Tests of a run, in the order in which they stand; those of faults say so. */
interface TestedFile {
  readonly assertionResults: readonly { readonly status: string; readonly meta?: { readonly fault?: FaultRow } }[];
}

/** The rows of several runs: those of the same fault and engine are one, added up. */
export function faultRows(files: readonly TestedFile[]): readonly FaultRow[] {
  const rows = new Map<string, FaultRow>();
  const told = files.flatMap(({ assertionResults }) => assertionResults.flatMap(({ meta }) => meta?.fault ?? []));
  for (const row of told) {
    const name = `${row.engine} ${row.fault}`;
    const known = rows.get(name);
    rows.set(name, known ? { ...row, ...sumOf(known, row) } : row);
  }
  return [...rows.values()].toSorted((a, b) => b.engine.localeCompare(a.engine));
}

function sumOf(one: FaultRow, other: FaultRow) {
  return {
    times: one.times + other.times,
    acknowledged: one.acknowledged + other.acknowledged,
    accesses: one.accesses + other.accesses,
    lost: one.lost + other.lost,
    miscounted: one.miscounted + other.miscounted,
    answeredAfterMs: [...one.answeredAfterMs, ...other.answeredAfterMs],
  };
}

/** As Markdown, so that it can be put into a page as it is. */
export function faultTable(rows: readonly FaultRow[]): string {
  const lines = rows.map(({ fault, engine, skipped, ...row }) => {
    if (skipped !== undefined) return [fault, engine, `skipped: ${skipped}`, '', '', '', '', ''];
    const times = row.answeredAfterMs.toSorted((a, b) => a - b);
    const again = `${seconds(times[Math.floor(times.length / 2)] ?? 0)} (${seconds(times.at(-1) ?? 0)})`;
    return [fault, engine, row.times, row.acknowledged, row.accesses, row.lost, row.miscounted, again];
  });
  return table([
    ['fault', 'engine', 'times', 'acknowledged', 'accesses', 'lost', 'miscounted', 'answers again after, s (longest)'],
    ...lines,
  ]);
}

function table(cells: readonly (readonly (string | number)[])[]): string {
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((line) => String(line[column]).length)));
  const lines = cells.map((line) => `| ${line.map((cell, column) => pad(cell, widths[column] ?? 0)).join(' | ')} |`);
  return [lines[0], `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...lines.slice(1)].join('\n');
}

function pad(cell: string | number, width: number): string {
  return typeof cell === 'number' ? String(cell).padStart(width) : cell.padEnd(width);
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}
