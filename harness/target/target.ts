/**
 * The contract between hanglab and the server that it tests. Nothing else in hanglab knows a server: the
 * bundled one is described by a config file like any other.
 */
import type { Limits } from '../history/events.ts';
import type { Address, HttpProbe } from './endpoints.ts';
import type { Launcher } from './launcher.ts';
import type { Need } from './needs.ts';
import type { Operation } from './operations/operation.ts';
import type { ProcessTree } from './process-tree.ts';
import type { ProgressSource } from './progress/source.ts';
import type { TaskSource } from './task-source.ts';
import type { Upstream } from './upstreams.ts';

export interface Target {
  readonly name: string;
  readonly limits: Limits;
  /** Where its links are fixed: the port of a running `hanglab links`; null where each run makes its own. */
  readonly fixedLinks: number | null;
  /** TCP services that it calls, by name: each gets a link. */
  readonly upstreams: Readonly<Record<string, Upstream>>;
  readonly health: HttpProbe | null;
  readonly readiness: HttpProbe | null;
  /** How much of its accepted work is open and done; null when nothing tells. */
  readonly progress: ProgressSource | null;
  /** How many tasks run inside it; null when nothing tells. */
  readonly tasks: TaskSource | null;
  /** The SQLite file that it writes, in the folder of a run; null when it is not told. */
  readonly sqlite: ((folder: string) => string) | null;
  /** What loads may send, by name. */
  readonly operations: Readonly<Record<string, Operation>>;
  /** What scenarios may ask of it: computed from all of the above. */
  readonly offers: ReadonlySet<Need>;
  /** Why it does not offer what its declaration seems to offer: found out by calibration. */
  readonly withheld?: ReadonlyMap<Need, string>;
  /** Upstreams that nothing called in calibration: a fault there would prove nothing. */
  readonly neverCalled?: ReadonlySet<string>;
  /** How often its health endpoint is probed, and how many probes may be open at once. */
  readonly probing: Probing;
  /**
   * Does what is done once before its first start, when that has not been done; absent where there is nothing.
   * `open` does it too: asked for first, it is no part of the time that a start takes.
   * @throws HanglabError `setup-failed` with its last lines.
   */
  prepare?(context: SetupContext): Promise<void>;
  /**
   * Starts it, or attaches to it, and resolves when it accepts requests.
   * @throws HanglabError `target-died-at-start`, `target-not-ready`, `no-such-command` and the like.
   */
  open(context: TargetContext): Promise<RunningTarget>;
}

export interface Probing {
  healthHz: number;
  maxOpen: number;
}

export interface TargetContext {
  /** The port that it should listen on; 0 for any free one. */
  port: number;
  /** Where each upstream is to be reached: the address of its link. */
  upstreams: Readonly<Record<string, UpstreamAddress>>;
  /** An empty folder of this run, removed after it. */
  folder: string;
  /** Standard output and error are appended here. */
  logFile: string;
  /** RLIMIT_NOFILE of the process. */
  fdLimit?: number;
  /** Further options of the Node that runs it, where it is one. */
  nodeOptions?: readonly string[];
  /** What a scenario sets otherwise than the target's own defaults. */
  overrides?: ServerOverrides;
  /** Starts its process in its own way: under a profiler, say. */
  launcher?: Launcher;
  watchGroup(pid: number, mark?: string): void;
  forgetGroup(pid: number): void;
  watchContainer(id: string): void;
  forgetContainer(id: string): void;
  signal: AbortSignal;
}

/** What a setup needs of a run. */
export type SetupContext = Pick<TargetContext, 'signal' | 'watchGroup' | 'forgetGroup'>;

export interface ServerOverrides {
  /** Appended to the command. */
  args?: readonly string[];
  env?: Readonly<Record<string, string>>;
}

export interface UpstreamAddress extends Address {
  kind: Upstream['kind'];
}

export interface TargetExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface RunningTarget extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly processes: ProcessTree;
  /** Resolves when its first process has ended, whoever ended it. */
  readonly exited: Promise<TargetExit>;
  /** Its last lines on standard output and error; none of a process that hanglab did not start. */
  lastLines(): string[];
  /** Its folder of this run, `${tmp}` in the config; null of a process that hanglab did not start. */
  readonly folder: string | null;
  /** Everything that it prints, secrets left out; null of a process that hanglab did not start. */
  readonly logFile: string | null;
  /** Its temporary folder, where hanglab gave it one. */
  readonly temporaryFolder: string | null;
  /** Where the agent in a Python target answers; null for a target that hanglab did not start. */
  readonly agentFolder: string | null;
  /** What may be done to its process; null for one that hanglab did not start. */
  readonly control: TargetControl | null;
}

export interface TargetControl {
  /** SIGKILL to the whole process group, as a crash would end it. */
  kill(): Promise<void>;
  /** Asks its first process to end; resolves at once. Its exit resolves `exited`. */
  stop(): NodeJS.Signals;
}
