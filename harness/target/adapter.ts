/** How hanglab starts and speaks to a target. */
import type { Limits } from '../history/history.ts';

/** What a target can do; a scenario that needs more is skipped, with the reason. */
export const CAPABILITIES = [
  'upload',
  'list',
  'search',
  'delete',
  'health',
  'ready',
  'progress',
  'llm',
  'embeddings',
  'restart',
] as const;

export type Capability = (typeof CAPABILITIES)[number];

export interface TargetHandle extends AsyncDisposable {
  readonly name: string;
  readonly pid: number;
  readonly host: string;
  readonly port: number;
  readonly limits: Limits;
  readonly capabilities: ReadonlySet<Capability>;
  /** Straight to the target, never through a link; null for what it does not have. */
  readonly urls: { health: string | null; ready: string | null; progress: string | null };
  /** Resolves when the process has ended, whoever ended it. */
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Its last lines on standard output and error. */
  lastLines(): string[];
  /** SIGKILL to the whole process group, as a crash would end it. Disposing ends it as its launcher wants. */
  kill(): Promise<void>;
}

/** A Node program as it would be started by itself. */
export interface NodeProgram {
  /** Also in the environment's NODE_OPTIONS, for a launcher that starts Node by itself. */
  nodeOptions: readonly string[];
  script: string;
  args: readonly string[];
}

/** What starts the target's process, and ends it when the run is over: directly, or under a profiler. */
export interface Launcher {
  launch(program: NodeProgram): {
    command: string[];
    environment: Record<string, string>;
    /** Where it runs; hanglab's own folder without it. */
    cwd?: string;
  };
  /** Before the process group is killed: resolves when nothing would be lost by that any more. */
  beforeEnd(target: EndingTarget): Promise<void>;
}

export interface EndingTarget {
  /** The server's own process. */
  pid: number;
  /** Resolves when the process that `launch` named has ended. */
  exited: Promise<unknown>;
}

export interface TargetOptions {
  dataFolder: string;
  modelUrl: string;
  embeddingsUrl: string;
  defect: string | null;
  logFile: string;
  /** 0 for any free one. */
  port: number;
  /** What a scenario sets otherwise than the target's own defaults: `{ queueRows: 60 }`. */
  settings?: Readonly<Record<string, number>>;
  /** RLIMIT_NOFILE of the process. */
  fdLimit?: number;
  /** Further options of the Node that runs it. */
  nodeOptions?: readonly string[];
  /** Without one it is started directly. */
  launcher?: Launcher;
  watchGroup(pid: number): void;
  forgetGroup(pid: number): void;
}
