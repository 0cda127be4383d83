/** Who waits for whom, drawn: boxes for places and what they wait for, arrows between them, cycles in red. */
import type { Graph, GraphEdge } from '../../page-data.ts';
import { h, svg } from '../dom.ts';
import { cut } from '../format.ts';
import { layOutGraph, type PlacedNode } from './graph-layout.ts';

const BOX = { width: 214, height: 52 };
const GAP = { x: 78, y: 26 };
/** Characters that fit into a box. */
const LABEL = 26;
const DETAIL = 31;
const EDGE = 18;

export function graphView(graph: Graph): HTMLElement | null {
  if (graph.edges.length === 0) return null;
  const placed = layOutGraph(graph);
  const byId = new Map(placed.map((each) => [each.node.id, each]));
  const columns = placed.reduce((most, { column }) => Math.max(most, column + 1), 0);
  const rows = placed.reduce((most, { row }) => Math.max(most, row + 1), 0);
  const hasBack = graph.edges.some((edge) => isBack(edge, byId));
  const width = columns * (BOX.width + GAP.x) - GAP.x + 2 * EDGE;
  const height = rows * (BOX.height + GAP.y) - GAP.y + 2 * EDGE + (hasBack ? 34 : 0);
  return h(
    'div',
    { class: 'graph', tabindex: 0, role: 'region', 'aria-label': 'Who waits for whom' },
    svg(
      'svg',
      {
        ...{ role: 'img', 'aria-label': graphText(graph) },
        ...{ viewBox: `0 0 ${width} ${height}`, width, height },
      },
      svg(
        'defs',
        {},
        arrowHead('arrow', 'edge-head'),
        arrowHead('arrow-cycle', 'edge-head in-cycle'),
      ),
      ...graph.edges.flatMap((edge) => edgeOf(edge, byId, height)),
      ...placed.map(nodeOf),
    ),
  );
}

function arrowHead(id: string, classes: string): SVGElement {
  return svg(
    'marker',
    {
      ...{ id, viewBox: '0 0 10 10', refX: 9, refY: 5, markerWidth: 8, markerHeight: 8 },
      orient: 'auto-start-reverse',
    },
    svg('path', { d: 'M 0 0 L 10 5 L 0 10 z', class: classes }),
  );
}

function boxOf({ column, row }: PlacedNode): { x: number; y: number } {
  return { x: EDGE + column * (BOX.width + GAP.x), y: EDGE + row * (BOX.height + GAP.y) };
}

function nodeOf(placed: PlacedNode): SVGElement {
  const { node } = placed;
  const { x, y } = boxOf(placed);
  const hasDetail = node.detail !== '';
  const cutDetail = node.kind === 'place' ? cutStart : cut;
  const detail = cutDetail(node.detail, DETAIL);
  return svg(
    'g',
    { class: `node node-${node.kind}` },
    svg('title', {}, `${node.label}\n${node.detail}`),
    svg('rect', {
      x,
      y,
      width: BOX.width,
      height: BOX.height,
      rx: node.kind === 'resource' ? 26 : 6,
    }),
    hasDetail
      ? [
          svg('text', { x: x + 12, y: y + 22 }, cut(node.label, LABEL)),
          svg('text', { x: x + 12, y: y + 39, class: 'detail' }, detail),
        ]
      : twoLines(node.label).map((text, i, { length }) =>
          svg('text', { x: x + 18, y: y + (length === 1 ? 31 : 23 + 17 * i) }, text),
        ),
  );
}

function isBack({ from, to }: GraphEdge, byId: ReadonlyMap<string, PlacedNode>): boolean {
  const [a, b] = [byId.get(from), byId.get(to)];
  return a !== undefined && b !== undefined && b.column <= a.column;
}

function edgeOf(
  edge: GraphEdge,
  byId: ReadonlyMap<string, PlacedNode>,
  height: number,
): SVGElement[] {
  const [a, b] = [byId.get(edge.from), byId.get(edge.to)];
  if (!a || !b) return [];
  const [from, to] = [boxOf(a), boxOf(b)];
  const classes = `edge${edge.inCycle ? ' in-cycle' : ''}`;
  const marker = `url(#${edge.inCycle ? 'arrow-cycle' : 'arrow'})`;
  const middle = BOX.height / 2;
  if (isBack(edge, byId)) {
    // Around below everything, back to the left.
    const [x1, x2] = [from.x + BOX.width / 2, to.x + BOX.width / 2];
    const low = height - 12;
    const path = `M ${x1} ${from.y + BOX.height} V ${low} H ${x2} V ${to.y + BOX.height + 3}`;
    return [
      svg('path', { d: path, class: classes, 'marker-end': marker }),
      svg('text', { x: (x1 + x2) / 2, y: low - 5, class: 'edge-label' }, edge.label),
    ];
  }
  const [x1, y1] = [from.x + BOX.width, from.y + middle];
  const [x2, y2] = [to.x - 3, to.y + middle];
  const bend = (x2 - x1) / 2;
  const path = `M ${x1} ${y1} C ${x1 + bend} ${y1}, ${x2 - bend} ${y2}, ${x2} ${y2}`;
  return [
    svg('path', { d: path, class: classes, 'marker-end': marker }),
    svg('text', { x: (x1 + x2) / 2, y: (y1 + y2) / 2 - 6, class: 'edge-label' }, edge.label),
  ];
}

/** Broken between words, where it does not fit into one line. */
function twoLines(text: string): string[] {
  if (text.length <= LABEL - 2) return [text];
  const at = text.lastIndexOf(' ', LABEL - 2);
  const first = at > 4 ? text.slice(0, at) : text.slice(0, LABEL - 2);
  return [first, cut(text.slice(first.length).trim(), LABEL - 2)];
}

/** The end of a path says more than its beginning. */
function cutStart(text: string, most: number): string {
  return text.length <= most ? text : `…${text.slice(1 - most)}`;
}

/** The graph in words. */
function graphText({ nodes, edges }: Graph): string {
  const labelOf = new Map(nodes.map(({ id, label, detail }) => [id, `${label} ${detail}`.trim()]));
  return edges
    .map(({ from, to, label }) => `${labelOf.get(from)} ${label} ${labelOf.get(to)}`)
    .join('. ');
}
