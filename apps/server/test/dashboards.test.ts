import { readFileSync } from 'node:fs';
import { errorCodes } from '@anima/core';
import { parser } from '@prometheus-io/lezer-promql';
import { beforeAll, expect, inject, test } from 'vitest';
import { parse } from 'yaml';
import { get, newSpace, post } from './request.ts';

const read = (path: string) => readFileSync(new URL(`../../../docker/${path}`, import.meta.url), 'utf8');

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}
interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string };
}

const dashboard = JSON.parse(read('grafana/anima.json')) as {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly definition?: string }[] };
};
const rules = (parse(read('prometheus/alerts.yml')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);

const ofPanels = dashboard.panels.flatMap(({ title, targets = [] }) =>
  // Grafana puts a time in its place.
  targets.map(({ expr }) => ({ name: title, expr: expr.replaceAll('$__rate_interval', '5m') })),
);
const expressions = [...ofPanels, ...rules.map(({ alert, expr }) => ({ name: alert, expr }))];

/** What an expression names, as Prometheus reads it. */
function names(expr: string) {
  const found = { metrics: [] as string[], labels: [] as { metric: string; label: string; value: string }[] };
  const at = (node: { from: number; to: number }) => expr.slice(node.from, node.to);
  parser.parse(expr).iterate({
    enter({ name, type, node }) {
      if (type.isError) throw new Error(`not understood at ${node.from} of ${expr}`);
      if (name !== 'VectorSelector') return;
      const metric = at(node.getChild('Identifier')!);
      found.metrics.push(metric);
      for (const matcher of node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []) {
        const value = at(matcher.getChild('StringLiteral')!).slice(1, -1);
        found.labels.push({ metric, label: at(matcher.getChild('LabelName')!), value });
      }
    },
  });
  return found;
}

let exposed: string;
let known: ReadonlySet<string>;

beforeAll(async () => {
  const space = newSpace();
  await post('/api/v1/memories/add', { content: 'watched', space });
  await post('/api/v1/memories/query', { query: 'watched', space });
  await get(`/api/v1/memories/bootstrap?space=${space}`);
  exposed = await (await fetch(`${inject('url')}/metrics`)).text();
  const families = [...exposed.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => ({ name: name!, type }));
  known = new Set(
    families.flatMap(({ name, type }) =>
      type === 'histogram' ? ['_bucket', '_sum', '_count'].map((suffix) => name + suffix) : [name],
    ),
  );
});

/** Prometheus' own word on whether it could ask, and what is there only beside a Redis. */
const givenElsewhere: ReadonlySet<string> = new Set(['up', 'anima_redis_up']);

test('every metric of the dashboard and the alerts is one that /metrics gives', () => {
  expect(ofPanels.length).toBeGreaterThan(20);
  for (const { name, expr } of expressions) {
    for (const metric of names(expr).metrics) if (!givenElsewhere.has(metric)) expect(known, name).toContain(metric);
  }
  const defined = dashboard.templating.list.flatMap(({ definition }) => definition?.match(/\((\w+)/)?.[1] ?? []);
  expect(defined.length).toBeGreaterThan(0);
  for (const metric of defined) expect(known).toContain(metric);
});

test('every label that they ask for is one of its metric, and has a value that there is', () => {
  const codes: readonly string[] = errorCodes;
  for (const { name, expr } of expressions) {
    for (const { metric, label, value } of names(expr).labels) {
      if (['job', 'instance'].includes(label)) continue;
      if (label === 'code') for (const code of value.split('|')) expect(codes, name).toContain(code);
      else {
        for (const one of value.split('|')) {
          expect(exposed, name).toMatch(new RegExp(`^${metric}\\{[^}]*\\b${label}="${one}"`, 'm'));
        }
      }
    }
  }
});

test('the targets are those that are held, and each has an alert', () => {
  for (const [operation, seconds] of Object.entries({ add: 0.15, query: 0.3, bootstrap: 0.2 })) {
    const rule = rules.find(({ expr }) => expr.includes(`operation="${operation}"`) && expr.includes('_bucket'));
    expect(rule?.expr).toContain(`> ${seconds} and`);
    expect(dashboard.panels.map(({ title }) => title)).toContain(`${operation}: ${seconds * 1_000} ms`);
  }
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  for (const { labels, annotations } of rules) {
    expect(['warning', 'critical']).toContain(labels.severity);
    expect(annotations.summary).not.toBe('');
  }
});
