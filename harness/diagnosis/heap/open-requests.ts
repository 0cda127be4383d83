/** The requests that a Node process has not answered, as the heap shows them. */
import type { HeapGraph } from './snapshot.ts';
import { textOf, truthOf } from './values.ts';

export interface OpenResponse {
  /** The response object in the snapshot, and its request; -1 where there is none. */
  node: number;
  request: number;
  method: string;
  /** Path without its query, which may hold what is nobody's business. */
  path: string;
  /** What its client has of the answer: nothing, a part of it, or a stream of events that is open for as long as it likes. */
  sent: 'nothing' | 'part' | 'stream';
}

/** Types of answers that go on for as long as the client likes. */
const STREAMS =
  /^content-type:\s*(text\/event-stream|application\/(x-)?(ndjson|stream\+json|jsonl|grpc)|multipart\/x-mixed-replace)/im;

/**
 * Responses of HTTP/1 that a request has begun and that have not been ended, whose client has not gone
 * either, as the snapshot shows them: what ends while the process is asked further was open at that moment.
 */
export function openHttp1Responses(graph: HeapGraph): OpenResponse[] {
  return graph.objectsNamed('ServerResponse').flatMap((node) => openResponse(graph, node) ?? []);
}

/** Null for one that has ended, and for what is none: a prototype, a response without its request. */
function openResponse(graph: HeapGraph, node: number): OpenResponse | null {
  const isOpen = ['finished', 'destroyed'].every((field) => truthOf(graph, node, field) === false);
  const request = isOpen ? graph.follow(node, 'req') : -1;
  const method = textOf(graph, request, 'method');
  const [path = ''] = textOf(graph, request, 'originalUrl').split('?', 1);
  const [own = ''] = textOf(graph, request, 'url').split('?', 1);
  if (method === '') return null;
  return { node, request, method, path: path || own, sent: sentOf(graph, node) };
}

function sentOf(graph: HeapGraph, response: number): OpenResponse['sent'] {
  if (truthOf(graph, response, '_headerSent') !== true) return 'nothing';
  return STREAMS.test(textOf(graph, response, '_header')) ? 'stream' : 'part';
}
