/** Places the nodes of a small directed graph in columns: each right of those that point to it. */
import type { Graph, GraphNode } from '../../page-data.ts';

export interface PlacedNode {
  node: GraphNode;
  column: number;
  row: number;
}

/**
 * The column of a node is its distance from the nodes that nothing points to, by the first way that is
 * found. So a cycle begins at its first node, and its last edge points back.
 */
export function layOutGraph({ nodes, edges }: Graph): PlacedNode[] {
  const columns = new Map<string, number>();
  const visit = (id: string, column: number): void => {
    if (columns.has(id)) return;
    columns.set(id, column);
    for (const edge of edges) if (edge.from === id) visit(edge.to, column + 1);
  };
  const pointedTo = new Set(edges.map(({ to }) => to));
  for (const { id } of nodes) if (!pointedTo.has(id)) visit(id, 0);
  for (const { id } of nodes) visit(id, 0);
  const used = new Map<number, number>();
  return nodes.map((node) => {
    const column = columns.get(node.id) ?? 0;
    const row = used.get(column) ?? 0;
    used.set(column, row + 1);
    return { node, column, row };
  });
}
