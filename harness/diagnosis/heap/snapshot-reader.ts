/**
 * Reads a V8 heap snapshot while it arrives: numbers go straight from the text's chunks into typed arrays,
 * so that the text is never whole in memory.
 */
import { graphOf, type HeapGraph, type Layout } from './snapshot.ts';

/** Of nodes or edges: a heap of some 4 GB. What claims to be larger would take all memory here. */
const MAX_COUNT = 100e6;

/** Takes a snapshot's text in pieces of any size. */
export function snapshotReader(): { write(chunk: string): void; end(): HeapGraph } {
  let held = '';
  let layout: Layout | null = null;
  let section: Uint32Array | number[] | null = null;
  let filled = 0;
  let number = -1;
  let nodes = new Uint32Array();
  let edges = new Uint32Array();
  const locations: number[] = [];
  const strings: string[] = [];

  /** Between sections: looks for the next one's name, and keeps what is not yet whole. */
  const openSection = (): boolean => {
    const match = /"(nodes|edges|locations|strings)":\s*\[/.exec(held);
    if (!match) return false;
    if (!layout) {
      const head = held.slice(0, match.index).trimEnd().replace(/,$/, '');
      layout = JSON.parse(`${head}}`) as Layout;
      const { meta, node_count, edge_count } = layout.snapshot;
      if (Math.max(node_count, edge_count) > MAX_COUNT) throw new Error('the heap is too large');
      nodes = new Uint32Array(node_count * meta.node_fields.length);
      edges = new Uint32Array(edge_count * meta.edge_fields.length);
    }
    held = held.slice(match.index + match[0].length);
    const name = match[1];
    section =
      name === 'nodes' ? nodes : name === 'edges' ? edges : name === 'locations' ? locations : null;
    if (name === 'strings') strings.push('[');
    filled = 0;
    return true;
  };

  const readNumbers = (text: string, into: Uint32Array | number[]): number => {
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code >= 48 && code <= 57) {
        number = (number < 0 ? 0 : number * 10) + code - 48;
        continue;
      }
      if (number >= 0) into[filled++] = number;
      number = -1;
      if (code === 93) return at + 1;
    }
    return -1;
  };

  return {
    write(chunk) {
      if (strings.length > 0) {
        strings.push(chunk);
        return;
      }
      held += chunk;
      while (held !== '') {
        if (section) {
          const end = readNumbers(held, section);
          held = end < 0 ? '' : held.slice(end);
          if (end >= 0) section = null;
        } else if (!openSection()) {
          return;
        } else if (strings.length > 0) {
          strings.push(held);
          held = '';
        }
      }
    },
    end() {
      if (!layout || strings.length === 0) throw new Error('the heap snapshot is not whole');
      const text = strings.join('');
      const names = JSON.parse(text.slice(0, text.lastIndexOf('}'))) as string[];
      return graphOf(layout, nodes, edges, locations, names);
    },
  };
}
