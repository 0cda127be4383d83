import { expect, test } from 'vitest';
import type { Diagnosis, Where } from '../../diagnosis/diagnosis.ts';
import { waitGraph } from './wait-graph.ts';

const place = (name: string, line: number) => ({ function: name, file: 'a.ts', line, column: 1 });

function wait(name: string, line: number, waitsFor: string): Where {
  return { ...place(name, line), count: 1, ageMs: 5, chain: [], waitsFor, locals: [] };
}

function diagnosis(changes: Partial<Diagnosis>): Diagnosis {
  return {
    ...{ schema: 'hanglab.diagnose/1', pid: 1, code: 'deadlock', sentence: 's', decided: true },
    ...{ where: [], holder: null, evidence: [], ruledOut: [] },
    costMs: { frozen: 0, total: 0 },
    ...changes,
  };
}

const edgesOf = (given: Partial<Diagnosis>): string[] => {
  const { nodes, edges } = waitGraph(diagnosis(given));
  const label = new Map(nodes.map((node) => [node.id, node.label]));
  return edges.map(
    ({ from, to, label: how, inCycle }) =>
      `${label.get(from)} ${how} ${label.get(to)}${inCycle ? ' *' : ''}`,
  );
};

test('a chain: who waits, for what, and who holds it', () => {
  const holder = { kind: 'function' as const, sentence: 's', where: place('worker', 71) };
  expect(edgesOf({ where: [wait('handler', 9, 'a permit')], holder })).toEqual([
    'handler waits for a permit',
    'a permit held by worker',
  ]);
});

test('two places that wait for each other are a cycle', () => {
  const edges = edgesOf({
    where: [wait('a', 1, 'lock x'), wait('b', 2, 'lock y')],
    evidence: ['cycle: a (a.ts:1) -> b (a.ts:2) -> a (a.ts:1)'],
  });
  expect(edges).toEqual([
    'a waits for lock x *',
    'b waits for lock y *',
    'lock x held by b *',
    'lock y held by a *',
  ]);
});

test('what waits for a socket depends on it, and nothing is a cycle', () => {
  const holder = { kind: 'socket' as const, sentence: 'llm, silent for 5 s', where: null };
  expect(edgesOf({ where: [wait('read', 3, 'a socket')], holder })).toEqual([
    'read waits for a socket',
    'a socket depends on a socket',
  ]);
});

test('without places there is no graph', () => {
  expect(waitGraph(diagnosis({}))).toEqual({ nodes: [], edges: [] });
});
