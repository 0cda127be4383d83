/** A running target as the subject of a soak: works by requests or scenarios, rests, and is read from outside. */
import { readFileSync } from 'node:fs';
import type { Environment } from '../environment/environment.ts';
import { readStat } from '../platform/procfs/process.ts';
import { servingPid } from '../target/serving-pid.ts';
import { readGo } from './resources/go.ts';
import { type NodeReader, nodeReader } from './resources/node.ts';
import { readProcesses } from './resources/processes.ts';
import { pythonReader } from './resources/python.ts';
import { EMPTY, joined } from './resources/reading.ts';
import type { Plan } from './rounds/plan.ts';
import { type Subject, TargetEnded, type Work } from './rounds/subject.ts';
import { type Amount, runMix } from './work/mix.ts';
import { rest } from './work/rest.ts';
import { type NamedScenario, runScenarios, scenariosMs } from './work/scenario-work.ts';

export interface TargetSubjectOptions {
  environment: Environment;
  plan: Plan;
  /** Empty for the healthy mix. */
  scenarios: readonly NamedScenario[];
  /** Whether `plan.workMs` says how long a round of scenarios takes; else each takes its own time. */
  isTimed: boolean;
  clients: number;
  stillMs: number;
  idleMs: number;
  /** Of net/http/pprof of a Go server; null where it has none. */
  pprofUrl: string | null;
  onTrouble(text: string): void;
  /** Called once when requests do not end any more, before they are given up. */
  onStuck(): Promise<void>;
  /** How many operations a round is, as soon as that is measured. */
  onSized(operations: number): void;
}

export interface TargetSubject extends Subject, AsyncDisposable {
  readonly node: NodeReader;
  /** The process that answers requests. */
  servingPid(): number;
}

export function targetSubject(options: TargetSubjectOptions): TargetSubject {
  const { environment, plan, scenarios } = options;
  const { slot, declared, links } = environment;
  const pids = (): number[] => slot.current.processes.pids();
  const peers = Object.fromEntries(Object.entries(links).map(([link, { port }]) => [port, link]));
  const operations = Object.values(declared.operations);
  /** hanglab looks into what it started; into what was there before only from outside. */
  const isOurs = slot.current.control !== null;
  const node = nodeReader(options.onTrouble);
  const python = pythonReader(slot.current.agentFolder);
  const died = new AbortController();
  void slot.died.then(() => died.abort(new TargetEnded(endText(environment))));
  let perRound = plan.operations;
  let sizings = perRound === null ? 0 : SIZINGS;

  const mixed = async (size: number, signal: AbortSignal): Promise<Work> => {
    const amount: Amount =
      perRound === null
        ? { ms: plan.workMs }
        : { operations: Math.max(options.clients, Math.round(size * perRound)) };
    const { current: address } = slot;
    const work = await runMix(
      {
        ...{ address, operations, clients: options.clients, onStuck: options.onStuck },
        ...{ limits: declared.limits, inputs: environment.inputs },
      },
      amount,
      signal,
    );
    if (sizings < SIZINGS) {
      // The first round runs cold: the second tells better what the server can do in that time.
      sizings++;
      perRound = Math.max(
        1,
        Math.round((work.operations * plan.workMs) / Math.max(1, work.tookMs)),
      );
      if (sizings === SIZINGS) options.onSized(perRound);
    }
    return work;
  };
  const staged = (size: number, signal: AbortSignal): Promise<Work> => {
    const ms = scenariosMs(scenarios, environment);
    const scale = size * (options.isTimed ? plan.workMs / ms : environment.scale);
    return runScenarios({ scenarios, environment, scale, onStuck: options.onStuck }, signal);
  };
  /** Ends with the target: what waits for it would wait for ever. */
  const whileAlive = async <T>(signal: AbortSignal, part: (signal: AbortSignal) => Promise<T>) => {
    const either = AbortSignal.any([signal, died.signal]);
    try {
      const result = await part(either);
      died.signal.throwIfAborted();
      return result;
    } catch (error) {
      signal.throwIfAborted();
      died.signal.throwIfAborted();
      throw error;
    }
  };

  return {
    node,
    identity: identityOf(slot.current.processes.rootPid),
    servingPid: () => servingPid(slot.current.processes, slot.current.port),
    work: (size, signal) =>
      whileAlive(signal, (either) =>
        scenarios.length > 0 ? staged(size, either) : mixed(size, either),
      ),
    rest: (atLeastMs, signal) =>
      whileAlive(signal, (either) =>
        rest(
          {
            ...{ pids, stillMs: options.stillMs },
            idleMs: Math.max(options.idleMs, atLeastMs),
            isWorking: (late) => isWorking(environment, late),
          },
          either,
        ),
      ),
    read: (signal) =>
      whileAlive(signal, async (either) => {
        const inside = isOurs
          ? [await node.read(pids(), either), await python.read(pids(), either)]
          : [];
        const go = options.pprofUrl === null ? EMPTY : await readGo(options.pprofUrl, either);
        const { temporaryFolder } = slot.current;
        return joined([readProcesses({ pids: pids(), peers, temporaryFolder }), ...inside, go]);
      }),
    [Symbol.asyncDispose]: () => node[Symbol.asyncDispose](),
  };
}

const SIZINGS = 2;

/** Accepted work goes on after its requests have ended. */
async function isWorking({ declared, slot }: Environment, signal: AbortSignal): Promise<boolean> {
  if (declared.progress === null) return false;
  const late = AbortSignal.any([signal, AbortSignal.timeout(declared.limits.requestMs)]);
  const progress = await declared.progress.read(slot.current, late).catch(() => null);
  return (progress?.open ?? 0) > 0;
}

function endText({ slot }: Environment): string {
  const lines = slot.current.lastLines().slice(-3);
  return ['the target exited unexpectedly', ...lines].join('; ');
}

/** One process for ever: its number may be given again, also after the machine's next start. */
function identityOf(pid: number): string {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return `${boot} ${pid} ${readStat(pid)?.startTicks}`;
}
