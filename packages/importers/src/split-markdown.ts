import { fromMarkdown } from 'mdast-util-from-markdown';

type Root = ReturnType<typeof fromMarkdown>;
type Block = Root['children'][number];
type ListItem = Extract<Block, { type: 'list' }>['children'][number];
type Inline = Extract<Block, { type: 'paragraph' }>['children'][number];

/**
 * How long a piece may be, characters. A memory is handed to an agent whole, and `bootstrap` gives one memory a
 * quarter of its budget at most: 500 of 2,000 tokens, of about 4 characters each. Half of that leaves room for the
 * wordy, and vectors are made of sentences anyway (docs/adr/0003-builtin-model-in-worker-threads.md).
 */
const longestPiece = 1_000;

/** What stands under one heading, in the order of the text; the first may have none. */
export interface Section {
  /** Headings from the outermost in, as plain text. */
  readonly headings: readonly string[];
  /** Line of its first block, from 1. */
  readonly line: number;
  readonly pieces: readonly string[];
}

/** A note as its sections. A heading with nothing under it is only a heading of what follows. */
export function sectionsOf(markdown: string): readonly Section[] {
  const sections: { headings: string[]; blocks: Block[] }[] = [{ headings: [], blocks: [] }];
  const path: { readonly depth: number; readonly text: string }[] = [];
  for (const block of fromMarkdown(markdown).children) {
    if (block.type === 'heading') {
      while ((path.at(-1)?.depth ?? 0) >= block.depth) path.pop();
      path.push({ depth: block.depth, text: textOf(block) });
      sections.push({ headings: path.map(({ text }) => text), blocks: [] });
    } else if (block.type !== 'thematicBreak' && block.type !== 'definition') {
      sections.at(-1)?.blocks.push(block);
    }
  }
  return sections
    .map(({ headings, blocks }) => ({
      headings,
      line: blocks[0]?.position?.start.line ?? 1,
      pieces: packed(markdown, blocks),
    }))
    .filter(({ pieces }) => pieces.length > 0);
}

/** A message as pieces that fit: whole where it does, else cut between its blocks. */
export function piecesOf(markdown: string): readonly string[] {
  const text = markdown.trim();
  if (text.length <= longestPiece) return text === '' ? [] : [text];
  const { children } = fromMarkdown(text);
  return packed(text, children);
}

interface Span {
  readonly start: number;
  readonly end: number;
  /** A heading goes with what follows it. */
  readonly isHeading: boolean;
}

/** Neighbouring blocks together as long as they fit; what is too long by itself is cut. */
function packed(markdown: string, blocks: readonly Block[]): readonly string[] {
  const pieces: string[] = [];
  let open: Span[] = [];
  const close = () => {
    const [first] = open;
    const last = open.at(-1);
    if (first && last) pieces.push(...cut(markdown.slice(first.start, last.end).trim()));
    open = [];
  };
  for (const span of blocks.flatMap((block) => spansOf(block))) {
    const start = open[0]?.start ?? span.start;
    if (open.length > 0 && span.end - start > longestPiece) {
      const heading = open.at(-1)?.isHeading ? open.pop() : undefined;
      close();
      if (heading) open.push(heading);
    }
    open.push(span);
  }
  close();
  return pieces;
}

/** A block where it stands; a list that is too long as its items. */
function spansOf(block: Block | ListItem): Span[] {
  const start = block.position?.start.offset ?? 0;
  const end = block.position?.end.offset ?? 0;
  if (block.type === 'list' && end - start > longestPiece) return block.children.flatMap((item) => spansOf(item));
  return [{ start, end, isHeading: block.type === 'heading' }];
}

/** Cuts what is too long at the last line, sentence or word that fits. */
function cut(text: string): string[] {
  const pieces: string[] = [];
  let rest = text;
  while (rest.length > longestPiece) {
    const window = rest.slice(0, longestPiece);
    const at = [/[\s\S]*\n/, /[\s\S]*[.!?。！？]\s?/, /[\s\S]*\s/]
      .map((end) => end.exec(window)?.[0].length ?? 0)
      // A cut too near the beginning would leave a scrap.
      .find((length) => length > longestPiece / 3);
    const length = at ?? (/[\ud800-\udbff]$/.test(window) ? longestPiece - 1 : longestPiece);
    pieces.push(rest.slice(0, length).trim());
    rest = rest.slice(length).trimStart();
  }
  return [...pieces, rest].filter((piece) => piece !== '');
}

function textOf(node: { readonly children: readonly Inline[] } | Inline): string {
  if ('value' in node) return node.value;
  return 'children' in node ? node.children.map((child) => textOf(child)).join('') : '';
}
