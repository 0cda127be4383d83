/** Names the reason of a hang from outside the process: gathers facts, has the rules judge them, and looks again where they ask. */
import { HanglabError } from '../platform/errors.ts';
import { readLight } from '../platform/procfs/process.ts';
import type { Diagnosis } from './diagnosis.ts';
import { displayedFrom } from './facts/display.ts';
import type { Facts } from './facts/facts.ts';
import { gather } from './gather/gatherer.ts';
import { checkHealthUrl } from './outside/health-url.ts';
import { judge } from './rules/judge.ts';
import type { RunHints } from './run-hints.ts';
import { printable } from './wording/printable.ts';

export { DIAGNOSIS_CODES, type DiagnosisCode } from './codes.ts';
export type { Diagnosis, Frame, Holder, Where } from './diagnosis.ts';
export type { Facts } from './facts/facts.ts';
export { factsJson, parseFacts } from './facts/save.ts';
export type { RunHints } from './run-hints.ts';
export { pythonAgentEnvironment } from './runtimes/python/agent.ts';

export interface DiagnoseOptions {
  pid: number;
  /** Asked three times; without it the event loop is judged by whether it accepts a connection. */
  healthUrl?: string;
  port?: number;
  /** How old a request may become: one that waits for something that may still come is `waiting` until then. */
  requestLimitMs?: number;
  /** Look into a heap of more than 150 MB too, which freezes the process for seconds. */
  heap?: boolean;
  /** Have a Python process describe its asyncio tasks, by gdb, when hanglab's agent is not in it. */
  inject?: boolean;
  /** Where the agent of a Python process that hanglab started answers: the folder of `pythonAgentEnvironment`. */
  agentFolder?: string;
  /** How long it is watched from outside (2.5 s; 0.4 s with hints), and the time between two looks inside (2 s). */
  windowMs?: number;
  betweenLooksMs?: number;
  /** Files below this folder are shown relative to it; without it, whole. */
  displayFrom?: string;
  signal?: AbortSignal;
  hints?: RunHints;
  /** Hears what is being done, as it is begun. */
  onStep?: (step: string) => void;
}

/** No diagnosis takes more looks than this: at most nine native stacks, and a few others. */
const MAX_LOOKS = 20;

/**
 * Watches the process, looks inside it where the outside does not decide, and names the hang.
 * It leaves the process as it found it. Bounded: some ten seconds, more only for a large heap.
 * @throws HanglabError `no-such-process`, `not-permitted`; without hints also `health-unreachable`.
 */
export async function diagnose(options: DiagnoseOptions): Promise<Diagnosis> {
  return (await examine(options)).diagnosis;
}

/** The same, with the facts that the diagnosis rests on. */
export async function examine(
  options: DiagnoseOptions,
): Promise<{ diagnosis: Diagnosis; facts: Facts }> {
  const { pid, healthUrl, hints, signal } = options;
  if (!readLight(pid) && !hints?.exit) {
    throw new HanglabError('no-such-process', `There is no process ${pid} on this machine.`);
  }
  // A run knows its health path; that nobody listens there any more is a fact then.
  if (healthUrl && !hints) await checkHealthUrl(healthUrl, pid);
  await using gatherer = await gather(options);
  for (let looks = 0; looks < MAX_LOOKS; looks++) {
    const [wanted] = judge(gatherer.facts).wants;
    if (!wanted) break;
    signal?.throwIfAborted();
    await gatherer.take(wanted.pid, wanted.look);
  }
  const { facts } = gatherer;
  return { facts, diagnosis: diagnosisOf(facts, options.displayFrom) };
}

/**
 * Judges facts that were gathered before, without any process.
 * @param displayFrom files below this folder are shown relative to it.
 */
export function diagnosisOf(facts: Facts, displayFrom?: string): Diagnosis {
  const shown = displayFrom === undefined ? facts : displayedFrom(facts, displayFrom);
  return printable(judge(shown).diagnosis);
}
