import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { messageOf } from './parsed.ts';
import { Findings, type Reading } from './reading.ts';
import { sectionsOf } from './split-markdown.ts';
import { utc } from './times.ts';

/** The keys of a note's front matter that say something of its memories; Obsidian, Hugo and Jekyll have these. */
const frontMatter = z.looseObject({
  title: z.string().nullish().catch(undefined),
  tags: z
    .union([z.array(z.coerce.string()), z.string().transform((text) => text.split(/[,\s]+/))])
    .nullish()
    .catch(undefined),
  date: z.coerce.string().nullish().catch(undefined),
  created: z.coerce.string().nullish().catch(undefined),
});

/**
 * A note: a memory for each of its sections, or several where one is long, each led by the titles above it.
 *
 * @param name its path, as the person knows it
 */
export function readNote(name: string, text: string): Reading {
  const findings = new Findings();
  const { head, body, linesBefore } = withoutFrontMatter(text.replace(/^\ufeff/, ''));
  const facts = factsOf(name, head, findings);
  if (!facts) return findings;
  const stem = name.replace(/^.*\//, '').replace(/\.[^.]*$/, '');
  const title = facts.title?.trim() || stem;
  const day = /(?:^|\D)(\d{4}-\d\d-\d\d)(?:\D|$)/.exec(stem)?.[1];
  const occurredAt = utc(facts.date ?? facts.created ?? day);
  const tags = (facts.tags ?? []).map((tag) => tag.replace(/^#/, ''));
  for (const { headings, line, pieces } of sectionsOf(body)) {
    // Most notes repeat their title as the first heading.
    const path = [title, ...headings].filter((heading, index, all) => heading !== '' && heading !== all[index - 1]);
    for (const piece of pieces) {
      findings.add(`${name}:${line + linesBefore}`, {
        content: `${path.join(' › ')}\n\n${piece}`,
        category: 'note',
        tags,
        source: [name, ...headings.slice(-1)].join('#'),
        ...(occurredAt === undefined ? {} : { occurredAt }),
      });
    }
  }
  if (findings.items.length === 0) findings.skip('a note without text');
  return findings;
}

function withoutFrontMatter(text: string) {
  const [all = '', head = ''] = /^---[ \t]*\r?\n([\s\S]*?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|$)/m.exec(text) ?? [];
  const isThere = all !== '' && text.startsWith(all);
  return isThere
    ? { head, body: text.slice(all.length), linesBefore: all.split('\n').length - 1 }
    : { head: '', body: text, linesBefore: 0 };
}

function factsOf(name: string, head: string, findings: Findings): z.infer<typeof frontMatter> | undefined {
  let value: unknown;
  try {
    value = parseYaml(head);
  } catch (error) {
    findings.fault(name, `its front matter is not YAML: ${messageOf(error)}`);
    return undefined;
  }
  const read = frontMatter.safeParse(value ?? {});
  // Between two rules at the beginning there may stand anything: then it is text like any other.
  return read.success ? read.data : {};
}
