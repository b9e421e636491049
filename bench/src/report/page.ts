import type { BenchBlock, BenchMeasure, BenchReport } from '@anima/core';
import { drawBlock, escapeMarkup } from './charts.ts';
import { formatCell, formatMeasure, formatTarget } from './numbers.ts';
import { pageStyle } from './page-style.ts';
import { isMet } from './report.ts';

const verdicts = { passed: 'Passed', failed: 'Failed', reported: 'Measured' } as const;

/** The report as a page that needs nothing beside it: no script, no font, no network. */
export function renderPage(report: BenchReport): string {
  const { bench, title, at, verdict, failures, blocks, measures } = report;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeMarkup(`${bench}: ${title}`)}</title>
<style>${pageStyle}</style>
</head>
<body>
<main>
<header>
<p class="kicker">Anima bench <span>${escapeMarkup(bench)}</span></p>
<h1>${escapeMarkup(title)}</h1>
<p class="facts"><strong class="verdict ${verdict}">${verdicts[verdict]}</strong> ${escapeMarkup(summary(report))}
<time datetime="${escapeMarkup(at)}">${escapeMarkup(at.replace('T', ' ').replace(/\.\d+Z$/, ' UTC'))}</time></p>
</header>
${section('What was missed', list(failures), 'failures')}
${section(
  'Held to a target',
  measures
    .filter(({ target }) => target !== undefined)
    .map(renderHeld)
    .join('\n'),
  'held',
)}
${blocks.map((block, index) => renderBlock(block, `chart-${index}`)).join('\n')}
${section('Measures', renderMeasures(measures))}
<section class="about">
${about('Settings', report.settings)}
${about('Machine', report.machine)}
${about('Versions', report.versions)}
</section>
</main>
</body>
</html>
`;
}

/** What was measured on what, in one line. */
function summary({ machine, versions }: BenchReport): string {
  return [versions.database, machine.cpu, `${machine.cores} cores`].filter((part) => part !== undefined).join(' · ');
}

function section(title: string, content: string, kind = ''): string {
  return content === '' ? '' : `<section class="${kind}"><h2>${escapeMarkup(title)}</h2>\n${content}\n</section>`;
}

function list(items: readonly string[]): string {
  if (items.length === 0) return '';
  return `<ul>${items.map((item) => `<li>${escapeMarkup(item)}</li>`).join('')}</ul>`;
}

/** A measure beside its target: the bar is full where the target is. */
function renderHeld(measure: BenchMeasure): string {
  const { name, value, unit, target = 0, better } = measure;
  const largest = Math.max(Math.abs(value), Math.abs(target)) * 1.15 || 1;
  const part = (of: number) => `${((100 * Math.abs(of)) / largest).toFixed(1)}%`;
  return `<div class="gauge ${isMet(measure) ? 'met' : 'past'} ${better}">
<span class="name">${escapeMarkup(name)}</span>
<span class="track"><span class="fill" style="width:${part(value)}"></span><span class="line" style="left:${part(target)}"></span></span>
<span class="value">${escapeMarkup(formatMeasure(value, unit))}</span>
<span class="target">${escapeMarkup(formatTarget(measure) ?? '')}</span>
</div>`;
}

function renderMeasures(measures: readonly BenchMeasure[]): string {
  if (measures.length === 0) return '';
  const rows = measures.map((measure) => [
    measure.name,
    formatMeasure(measure.value, measure.unit),
    formatTarget(measure) ?? null,
    measure.target === undefined ? '' : isMet(measure) ? '✓' : '✗',
  ]);
  const columns = (['measure', 'is', 'held to', ''] as const).map((name, index) => ({
    ...{ name, align: index === 1 || index === 2 ? ('right' as const) : ('left' as const) },
  }));
  return renderTable({ kind: 'table', title: 'Measures', columns, rows });
}

function renderBlock(block: BenchBlock, id: string): string {
  const drawing = drawBlock(block, id);
  const content = block.kind === 'table' ? renderTable(block) : `<figure>${drawing ?? ''}</figure>`;
  const note = block.note === undefined ? '' : `<p class="note">${escapeMarkup(block.note)}</p>`;
  return section(block.title, `${content}${note}`);
}

function renderTable({ columns, rows }: Extract<BenchBlock, { kind: 'table' }>): string {
  const cell = (tag: string, content: string, index: number) =>
    `<${tag} class="${columns[index]?.align ?? 'left'}">${escapeMarkup(content)}</${tag}>`;
  const head = columns.map(({ name }, index) => cell('th', name, index)).join('');
  const body = rows.map(
    (row) => `<tr>${row.map((value, index) => cell('td', formatCell(value), index)).join('')}</tr>`,
  );
  return `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>\n${body.join('\n')}\n</tbody></table></div>`;
}

function about(title: string, facts: Readonly<Record<string, string | number | boolean | null>>): string {
  const entries = Object.entries(facts).map(
    ([name, value]) => `<dt>${escapeMarkup(name)}</dt><dd>${escapeMarkup(value === null ? '–' : String(value))}</dd>`,
  );
  return `<div><h2>${escapeMarkup(title)}</h2><dl>${entries.join('')}</dl></div>`;
}
