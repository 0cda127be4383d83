/** Tries what a server offers, and keeps as much of it as a load needs: a few operations of each kind. */
import type { OperationKind } from '../../../history/events.ts';
import { buildOperation } from '../../config/build-operation.ts';
import type { HttpClient } from '../../operations/http.ts';
import type { Input } from '../../operations/input.ts';
import type { Candidate, Unused } from '../offered.ts';
import type { Asked } from './ask.ts';
import { idAt, jsonIn, type Tried, tryCandidate } from './try-candidate.ts';

export interface TryAllOptions {
  client: HttpClient;
  inputs: (index: number) => Input;
  answerMs: number;
  signal: AbortSignal;
  /** Those that the user has given: always kept, whatever they answer. */
  given: ReadonlySet<string>;
  /** Live view: the operation that is tried. */
  onTry?(label: string): void;
}

export interface KeptOperation {
  candidate: Candidate;
  answer: Asked | null;
  /** What is wrong with one that the user has given; null when nothing is. */
  problem: string | null;
}

/** A load takes the operations of a kind in turn: more of them prove nothing more, and take longer. */
const ENOUGH: Readonly<Record<OperationKind, number>> = {
  read: 4,
  write: 4,
  stream: 3,
  delete: 4,
  connect: 0,
};
const ENOUGH_REASON = 'enough of its kind are used: give it by --request to have it too';

/** Each is sent once, reads first; what was written is deleted again where that is known. */
export async function tryAll(
  candidates: readonly Candidate[],
  options: TryAllOptions,
): Promise<{ kept: KeptOperation[]; unused: Unused[] }> {
  const { given } = options;
  const kept: KeptOperation[] = [];
  const unused: Unused[] = [];
  const countOf = (kind: OperationKind): number =>
    kept.filter(({ candidate }) => kindOf(candidate) === kind).length;
  let index = 0;
  for (const candidate of inOrder(candidates)) {
    const { label, config } = candidate;
    // It is tried with the write that makes what it deletes.
    if (config.deletes !== undefined) continue;
    const isGiven = given.has(label);
    if (!isGiven && countOf(kindOf(candidate)) >= ENOUGH[kindOf(candidate)]) {
      unused.push({ label, reason: ENOUGH_REASON });
      continue;
    }
    options.onTry?.(label);
    const { client, answerMs, signal } = options;
    const input = options.inputs(++index);
    const tried = await tryCandidate(candidate, { client, input, answerMs, signal });
    const { problem, answer } = tried;
    if (problem !== null && !isGiven) {
      unused.push({ label, reason: problem });
      continue;
    }
    const [completed = candidate, ...others] = tried.candidates;
    kept.push({ candidate: completed, answer, problem });
    const removal =
      others.find(({ config: { deletes } }) => deletes !== undefined) ??
      candidates.find(({ config: { deletes } }) => deletes === candidate.name);
    if (removal === undefined || problem !== null) continue;
    const removed = await tryRemoval(removal, tried, input, options);
    if (removed.problem === null) kept.push({ ...removed, candidate: removal });
    else unused.push({ label: removal.label, reason: removed.problem });
  }
  return { kept, unused };
}

/** Deletes what the write has just made. */
async function tryRemoval(
  removal: Candidate,
  { candidates: [write], answer: made }: Tried,
  input: Input,
  { client, answerMs, signal }: TryAllOptions,
): Promise<{ answer: Asked | null; problem: string | null }> {
  const id = idAt(jsonIn(made?.text ?? ''), String(write?.config.id ?? ''));
  if (id === null) return { answer: null, problem: 'there was no id to delete by' };
  const { answer, problem } = await tryCandidate(removal, {
    ...{ client, answerMs, signal, input: { ...input, id } },
  });
  return { answer, problem };
}

function kindOf({ name, config }: Candidate): OperationKind {
  return buildOperation(name, config).kind;
}

const RANK: Readonly<Record<OperationKind, number>> = {
  read: 0,
  stream: 1,
  write: 2,
  delete: 3,
  connect: 4,
};

function inOrder(candidates: readonly Candidate[]): Candidate[] {
  return candidates.toSorted((a, b) => RANK[kindOf(a)] - RANK[kindOf(b)]);
}
