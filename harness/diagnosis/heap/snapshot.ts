/** A V8 heap snapshot as a graph, kept in typed arrays: a heap of a million objects costs tens of megabytes. */

/** A node is an index; names are indexes into `strings`. */
export interface HeapGraph {
  readonly nodeCount: number;
  typeOf(node: number): string;
  nameOf(node: number): string;
  /** The id by which the running process still knows the object. */
  idOf(node: number): number;
  /** Its own bytes, without what it holds. */
  sizeOf(node: number): number;
  /** The node with this id, or -1 when the snapshot does not have it. */
  nodeOf(id: number): number;
  edgesFrom(node: number): Iterable<Edge>;
  /** Edges that end here; weak ones are left out, for they keep nothing alive. */
  edgesTo(node: number): Iterable<Edge>;
  /** The node at the end of the edge with this name, or -1. */
  follow(node: number, edgeName: string): number;
  /** Nodes from which an edge of this name leaves. */
  nodesWith(edgeName: string): number[];
  /** Nodes at which an edge of this name ends. */
  nodesTo(edgeName: string): Set<number>;
  /** Nodes with this name (an object's class) and the type `object`. */
  objectsNamed(name: string): number[];
  /** Of a function: where it begins. Of an object: where its constructor begins. Counted from 0. */
  locationOf(node: number): { scriptId: number; line: number; column: number } | null;
}

export interface Edge {
  type: string;
  /** Elements and hidden edges have a number: it is given as text. */
  name: string;
  from: number;
  to: number;
}

/** How a snapshot is laid out, as its own head says. */
export interface Layout {
  snapshot: {
    meta: {
      node_fields: string[];
      node_types: [string[], ...unknown[]];
      edge_fields: string[];
      edge_types: [string[], ...unknown[]];
      location_fields: string[];
    };
    node_count: number;
    edge_count: number;
  };
}

export function graphOf(
  { snapshot: { meta, node_count: nodeCount, edge_count: edgeCount } }: Layout,
  nodes: Uint32Array,
  edges: Uint32Array,
  locations: number[],
  strings: string[],
): HeapGraph {
  const nodeSize = meta.node_fields.length;
  const edgeSize = meta.edge_fields.length;
  const [nodeType, nodeName, nodeId, nodeBytes, nodeEdges] = [
    'type',
    'name',
    'id',
    'self_size',
    'edge_count',
  ].map((field) => meta.node_fields.indexOf(field)) as [number, number, number, number, number];
  const nodeTypes = meta.node_types[0];
  const edgeTypes = meta.edge_types[0];
  const weak = edgeTypes.indexOf('weak');
  const numbered = new Set([edgeTypes.indexOf('element'), edgeTypes.indexOf('hidden')]);

  const firstEdge = new Uint32Array(nodeCount + 1);
  for (let node = 0; node < nodeCount; node++) {
    firstEdge[node + 1] = firstEdge[node]! + nodes[node * nodeSize + nodeEdges]!;
  }
  const edgeFrom = new Uint32Array(edgeCount);
  const firstRetainer = new Uint32Array(nodeCount + 1);
  for (let node = 0; node < nodeCount; node++) {
    for (let edge = firstEdge[node]!; edge < firstEdge[node + 1]!; edge++) {
      edgeFrom[edge] = node;
      firstRetainer[edges[edge * edgeSize + 2]! / nodeSize + 1]!++;
    }
  }
  for (let node = 0; node < nodeCount; node++) firstRetainer[node + 1]! += firstRetainer[node]!;
  const retainers = new Uint32Array(edgeCount);
  const next = firstRetainer.slice();
  for (let edge = 0; edge < edgeCount; edge++) {
    const to = edges[edge * edgeSize + 2]! / nodeSize;
    retainers[next[to]!++] = edge;
  }

  const edgeAt = (edge: number): Edge => {
    const type = edges[edge * edgeSize]!;
    const name = edges[edge * edgeSize + 1]!;
    return {
      type: edgeTypes[type]!,
      name: numbered.has(type) ? String(name) : strings[name]!,
      from: edgeFrom[edge]!,
      to: edges[edge * edgeSize + 2]! / nodeSize,
    };
  };
  const nameIndexOf = (name: string) => strings.indexOf(name);
  const hasName = (edge: number, nameIndex: number) =>
    edges[edge * edgeSize + 1] === nameIndex && !numbered.has(edges[edge * edgeSize]!);
  const indexOfName = new Map<string, number>();
  const cachedNameIndex = (name: string): number => {
    const known = indexOfName.get(name);
    if (known !== undefined) return known;
    const index = nameIndexOf(name);
    indexOfName.set(name, index);
    return index;
  };
  const locationAt = new Map<number, number>();
  const locationSize = meta.location_fields?.length ?? 4;
  for (let at = 0; at < locations.length; at += locationSize) {
    locationAt.set(locations[at]! / nodeSize, at);
  }

  let nodeOfId: Map<number, number> | null = null;
  const nodeOf = (id: number): number => {
    if (!nodeOfId) {
      nodeOfId = new Map();
      for (let node = 0; node < nodeCount; node++)
        nodeOfId.set(nodes[node * nodeSize + nodeId]!, node);
    }
    return nodeOfId.get(id) ?? -1;
  };

  return {
    nodeCount,
    nodeOf,
    typeOf: (node) => nodeTypes[nodes[node * nodeSize + nodeType]!]!,
    nameOf: (node) => strings[nodes[node * nodeSize + nodeName]!]!,
    idOf: (node) => nodes[node * nodeSize + nodeId]!,
    sizeOf: (node) => nodes[node * nodeSize + nodeBytes]!,
    *edgesFrom(node) {
      for (let edge = firstEdge[node]!; edge < firstEdge[node + 1]!; edge++) yield edgeAt(edge);
    },
    *edgesTo(node) {
      for (let at = firstRetainer[node]!; at < firstRetainer[node + 1]!; at++) {
        const edge = retainers[at]!;
        if (edges[edge * edgeSize] !== weak) yield edgeAt(edge);
      }
    },
    follow(node, name) {
      const index = cachedNameIndex(name);
      for (let edge = firstEdge[node]!; edge < firstEdge[node + 1]!; edge++) {
        if (hasName(edge, index)) return edges[edge * edgeSize + 2]! / nodeSize;
      }
      return -1;
    },
    nodesWith(name) {
      const index = cachedNameIndex(name);
      const found = new Set<number>();
      for (let edge = 0; edge < edgeCount; edge++) {
        if (hasName(edge, index)) found.add(edgeFrom[edge]!);
      }
      return [...found];
    },
    nodesTo(name) {
      const index = cachedNameIndex(name);
      const found = new Set<number>();
      for (let edge = 0; edge < edgeCount; edge++) {
        if (hasName(edge, index)) found.add(edges[edge * edgeSize + 2]! / nodeSize);
      }
      return found;
    },
    objectsNamed(name) {
      const index = cachedNameIndex(name);
      const object = nodeTypes.indexOf('object');
      const found: number[] = [];
      for (let node = 0; node < nodeCount; node++) {
        const at = node * nodeSize;
        if (nodes[at + nodeName] === index && nodes[at + nodeType] === object) found.push(node);
      }
      return found;
    },
    locationOf(node) {
      const at = locationAt.get(node);
      if (at === undefined) return null;
      return { scriptId: locations[at + 1]!, line: locations[at + 2]!, column: locations[at + 3]! };
    },
  };
}
