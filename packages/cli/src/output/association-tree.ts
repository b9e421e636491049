import type { GraphResult } from '@anima/client';
import { strengthBar } from './association-list.ts';
import { dim } from './colours.ts';
import { printable } from './printable.ts';

type Node = GraphResult['nodes'][number];
type Edge = GraphResult['edges'][number];

/** How much of a memory a line of the tree shows. */
const textLength = 60;

/** A graph as a tree: each memory once, under the nearer one that it is most strongly associated with. */
export function renderTree({ nodes, edges, truncated }: GraphResult): string {
  const [root] = nodes;
  if (!root) return '';
  const parents = new Map(nodes.slice(1).map((node) => [node, strongestUp(node, nodes, edges)]));
  const children = Map.groupBy(parents.keys(), (node) => other(parents.get(node), node));
  const strongest = Math.max(...edges.map(({ strength }) => strength));
  const lines = [line(root)];
  const grow = (node: Node, indent: string) => {
    const below = children.get(node.memory.id) ?? [];
    const sorted = below.toSorted((a, b) => (parents.get(b)?.count ?? 0) - (parents.get(a)?.count ?? 0));
    for (const [index, child] of sorted.entries()) {
      const isLast = index === sorted.length - 1;
      const bar = strengthBar(parents.get(child)?.strength ?? 0, strongest);
      lines.push(`${indent}${isLast ? '└─' : '├─'} ${bar} ${line(child)}`);
      grow(child, `${indent}${isLast ? '  ' : '│ '}`);
    }
  };
  grow(root, '');
  return [...lines, '', dim(closing(nodes.length, edges.length, truncated))].join('\n');
}

/** The strongest edge by which a memory was reached: from one that is a step nearer. */
function strongestUp(node: Node, nodes: readonly Node[], edges: readonly Edge[]): Edge | undefined {
  const nearer = new Set(nodes.filter(({ depth }) => depth === node.depth - 1).map(({ memory }) => memory.id));
  const { id } = node.memory;
  return edges
    .filter(({ from, to }) => (to === id && nearer.has(from)) || (from === id && nearer.has(to)))
    .toSorted((a, b) => b.count - a.count)[0];
}

function other(edge: Edge | undefined, { memory }: Node): string | undefined {
  return edge?.from === memory.id ? edge.to : edge?.from;
}

function closing(nodes: number, edges: number, truncated: boolean): string {
  const beyond = Math.max(0, edges - nodes + 1);
  const parts = [
    nodes === 1 ? '1 memory' : `${nodes} memories`,
    beyond > 0 ? `${beyond} more ${beyond === 1 ? 'association' : 'associations'} between them` : '',
    truncated ? 'cut short: ask for more with --per-node, --max-nodes' : '',
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

function line({ memory }: Node): string {
  const letters = [...printable(memory.content).replaceAll(/\s+/g, ' ').trim()];
  const shown = letters.length > textLength ? `${letters.slice(0, textLength - 1).join('')}…` : letters.join('');
  return `${shown}  ${dim(memory.id)}`;
}
