'use client';

import { useComputedColorScheme } from '@mantine/core';
import type ForceGraph from 'force-graph';
import { useEffect, useRef } from 'react';

interface GraphPoint {
  readonly id: string;
  /** Shown when it is pointed at, as text. */
  readonly label: string;
  readonly tier: string;
  /** Radius, relative to 1. */
  readonly size?: number;
  /** The one that the graph is about. */
  readonly isCentre?: boolean;
}

interface GraphLine {
  readonly from: string;
  readonly to: string;
  /** 0–1 */
  readonly strength: number;
}

interface GraphViewProps {
  /** What it shows, in a sentence, for those who do not see it. */
  readonly label: string;
  readonly points: readonly GraphPoint[];
  readonly lines: readonly GraphLine[];
  readonly height: number;
  readonly onOpen: (id: string) => void;
}

type Node = { id: string; x?: number; y?: number } & GraphPoint;
type Link = { source: string; target: string; strength: number };

const shades: Readonly<Record<'light' | 'dark', Readonly<Record<string, string>>>> = {
  light: {
    active: '#868e96',
    thread: '#228be6',
    stable: '#0ca678',
    network: '#ae3ec9',
    line: '#495057',
    ring: '#e8590c',
  },
  dark: {
    active: '#adb5bd',
    thread: '#74c0fc',
    stable: '#38d9a9',
    network: '#e599f7',
    line: '#ced4da',
    ring: '#ffa94d',
  },
};

/** Memories and what ties them, on a canvas: dragged, zoomed, opened by a click. Its library is loaded beside the page. */
export function GraphView({ label, points, lines, height, onOpen }: GraphViewProps) {
  const place = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme('light') === 'dark' ? 'dark' : 'light';
  const open = useRef(onOpen);
  open.current = onOpen;

  useEffect(() => {
    let graph: ForceGraph<Node, Link> | undefined;
    let observer: ResizeObserver | undefined;
    let isGone = false;
    void import('force-graph').then(({ default: Graph }) => {
      const parent = place.current;
      if (isGone || !parent) return;
      const colors = shades[scheme];
      const isLarge = points.length > 300;
      const calm = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
      const drawn = new Graph<Node, Link>(parent)
        .width(parent.clientWidth)
        .height(height)
        .nodeVal(({ size = 1, isCentre }) => (isCentre ? 3 : 1) * size)
        .nodeRelSize(4)
        .nodeColor(({ tier }) => colors[tier] ?? '#868e96')
        // An element and not a string, which would be read as HTML.
        .nodeLabel(({ label: words }) => tooltip(words) as unknown as string)
        .nodeCanvasObjectMode(({ isCentre }) => (isCentre ? 'after' : undefined))
        .nodeCanvasObject((node, context) => drawRing(node, context, colors.ring ?? ''))
        .linkColor(({ strength }) => `${colors.line}${alpha(0.15 + strength * 3)}`)
        .linkWidth(({ strength }) => 0.5 + strength * 12)
        .onNodeClick(({ id }) => open.current(id))
        .cooldownTicks(isLarge ? 120 : 80)
        .warmupTicks(calm || isLarge ? 60 : 0)
        .graphData({
          nodes: points.map((point) => ({ ...point })),
          links: lines.map(({ from, to, strength }) => ({ source: from, target: to, strength })),
        });
      drawn.onEngineStop(() => drawn.zoomToFit(200, 24));
      graph = drawn;
      observer = new ResizeObserver(() => drawn.width(parent.clientWidth));
      observer.observe(parent);
    });
    return () => {
      isGone = true;
      observer?.disconnect();
      graph?._destructor();
      place.current?.replaceChildren();
    };
  }, [points, lines, height, scheme]);

  return <div ref={place} role="img" aria-label={label} style={{ height, overflow: 'hidden' }} />;
}

function tooltip(words: string): HTMLElement {
  const element = document.createElement('div');
  element.textContent = words;
  element.style.maxWidth = '320px';
  return element;
}

function drawRing({ x = 0, y = 0, size = 1 }: Node, context: CanvasRenderingContext2D, color: string): void {
  context.beginPath();
  context.arc(x, y, 4 * Math.sqrt(3 * size) + 2.5, 0, 2 * Math.PI);
  context.strokeStyle = color;
  context.lineWidth = 1.5;
  context.stroke();
}

function alpha(share: number): string {
  return Math.round(Math.min(1, share) * 255)
    .toString(16)
    .padStart(2, '0');
}
