/** What a `hanglab.config.ts` says: see `docs/config.md`, which has an example of each field. */
import type { OperationKind, Progress } from '../../history/events.ts';
import type { Duration } from '../../platform/duration.ts';
import type { HttpAnswer } from '../operations/http-message.ts';
import type { Input } from '../operations/input.ts';
import type { WorkState } from '../operations/operation.ts';
import type { StreamEvent, StreamFormat } from '../operations/stream-spec.ts';
import type { Counted } from '../progress/source.ts';
import type { ModelRole } from '../upstreams.ts';

/** A path into JSON (RFC 9535), `$.document.id`, or a function of the whole answer. */
export type Reading<T> = string | ((answer: JsonAnswer) => T);

/** An answer, with its body read as JSON; `json` is null when it is none. */
export interface JsonAnswer extends HttpAnswer {
  json: unknown;
}

export interface TargetConfig {
  name?: string;
  server: ServerConfig;
  upstreams?: Readonly<Record<string, UpstreamConfig>>;
  health?: EndpointConfig;
  readiness?: EndpointConfig;
  limits?: LimitsConfig;
  progress?: ProgressConfig;
  /** Where the server tells how many tasks run inside it: asyncio tasks, goroutines, open jobs. */
  tasks?: TasksConfig;
  /** The SQLite file that it writes, `${tmp}` being its folder of the run: scenarios may lock it. */
  sqlite?: string;
  /** How health is probed: twice a second, and two at a time, when not given. The prober is load too. */
  probing?: { healthHz?: number; maxOpen?: number };
  operations?: Readonly<Record<string, OperationConfig>>;
  /** false: its limits are all told, so it is not measured before the first scenario. */
  calibrate?: boolean;
  scenarios?: ScenariosConfig;
  variants?: Readonly<Record<string, VariantConfig>>;
}

export type ServerConfig = CommandServerConfig | ContainerServerConfig | AttachServerConfig;

export interface CommandServerConfig {
  /** A command line, or a list of words that no shell reads. */
  command: string | readonly string[];
  /**
   * Run once, in an empty folder of its own, before the first start, and kept: an installation, a checkout.
   * `${setup}` is that folder in everything else, `${config}` the config's folder in this command.
   */
  setup?: string | readonly string[];
  /** Where it runs: relative to the config's folder, which it is when not given. */
  cwd?: string;
  /** Besides hanglab's own environment; null takes a variable away. */
  env?: Readonly<Record<string, string | null>>;
  /** Give it these of hanglab's own variables only; `APP_*` means all that begin so. */
  inheritEnv?: readonly string[];
  /** A path that answers, a line that is printed, or `port`; the health path when not given. */
  ready?: string | { stdout: RegExp } | 'port';
  /** 60 s when not given. */
  readyTimeout?: Duration;
  stop?: { signal?: 'SIGTERM' | 'SIGINT' | 'SIGQUIT'; grace?: Duration };
}

/** On the host's network: it has to listen on 127.0.0.1 at `${port}`. */
export interface ContainerServerConfig
  extends Pick<CommandServerConfig, 'ready' | 'readyTimeout' | 'stop'> {
  container:
    | { image: string }
    /** A folder with a Dockerfile, relative to the config's. */
    | { build: string; dockerfile?: string };
  /** After the image's entry point; the image's own when not given. */
  command?: string | readonly string[];
  env?: Readonly<Record<string, string>>;
}

export interface AttachServerConfig {
  attach: { port: number } | { pid: number };
  /** The port of a running `hanglab links`, whose links this server was started with. */
  links?: number;
}

export type UpstreamConfig =
  | { model: true | ModelRole | readonly ModelRole[] }
  /** `http`: it speaks plain HTTP, so that faults may be for some of its requests. */
  | { at: string; start?: string | readonly string[]; http?: boolean };

export type EndpointConfig =
  | string
  | { path: string; headers?: Readonly<Record<string, string>>; good?: number | readonly number[] };

export interface LimitsConfig {
  request?: Duration;
  firstByte?: Duration;
  idle?: Duration;
  shutdown?: Duration;
  /** The p99 of the health endpoint. */
  health?: Duration;
  /** Accepted work beyond this is overload, which the server should refuse. */
  backlog?: number;
}

export interface HttpProgressConfig extends Counted<Reading<number>> {
  get: string;
  headers?: Readonly<Record<string, string>>;
}

/** Each is a Prometheus metric, `jobs_done_total`, or some of its series, `jobs{state="open"}`: their sum. */
export interface MetricsProgressConfig extends Counted<string> {
  /** The path of the metrics. */
  metrics: string;
  headers?: Readonly<Record<string, string>>;
}

/** Each is a SELECT whose first value is a number. */
export interface SqliteProgressConfig extends Counted<string> {
  /** The file; `${tmp}` is the server's folder of this run. */
  sqlite: string;
}

export interface FilesProgressConfig {
  /** Patterns; `${tmp}` is the server's folder of this run. */
  files: Counted<string>;
}

export interface LogProgressConfig {
  /** Each line that the server prints is accepted work, done work or given-up work at most. */
  log: { accepted: RegExp; done: RegExp; givenUp?: RegExp };
}

export type ProgressConfig =
  | HttpProgressConfig
  | MetricsProgressConfig
  | SqliteProgressConfig
  | FilesProgressConfig
  | LogProgressConfig
  | ((target: { url: string; signal: AbortSignal }) => Promise<Progress | null>);

export interface TasksConfig {
  get: string;
  headers?: Readonly<Record<string, string>>;
  count: Reading<number>;
}

/** A text may have placeholders; a function makes the value from the input. */
export type Made<T> = T | ((input: Input) => T);

export interface RequestConfig {
  get?: string;
  post?: string;
  put?: string;
  patch?: string;
  delete?: string;
  headers?: Made<Readonly<Record<string, string>>>;
  json?: Made<unknown>;
  form?: Made<Readonly<Record<string, string>>>;
  multipart?: Made<Readonly<Record<string, string | FileConfig>>>;
  /** Sent as it is, with a `content-type` of its own in `headers`. */
  body?: Made<string>;
}

export interface FileConfig {
  text: string;
  filename?: string;
  type?: string;
}

export interface OperationConfig extends RequestConfig {
  /** By its method when not given; `stream` where there is one. */
  kind?: OperationKind;
  /** Statuses of a good answer, or a function; any 2xx when not given. */
  good?: number | readonly number[] | ((answer: JsonAnswer, input: Input) => boolean);
  /** Where the id of what was accepted stands in the answer. */
  id?: Reading<string | number | null>;
  /** How to ask whether the work is done; `${id}` is the id. */
  done?: RequestConfig & {
    /** Each path must have this value, or one of these. */
    until: Readonly<Record<string, unknown>> | ((answer: JsonAnswer) => WorkState['state']);
    failed?: Readonly<Record<string, unknown>>;
    /** How long a worker has held it, in milliseconds; null when none does. */
    held?: Reading<number | null>;
  };
  /** How a client finds again what it wrote; how many copies of it came back. */
  found?: RequestConfig & { copies: string | ((answer: JsonAnswer, input: Input) => number) };
  /** The name of the write whose result this deletes; `${id}` is its id. */
  deletes?: string;
  /** The name of the write whose id it takes; that of any write without it. */
  idOf?: string;
  stream?:
    | StreamFormat
    | {
        format: StreamFormat;
        /** The event that ends it rightly: its data, or a function. */
        ends?: string | ((event: StreamEvent) => boolean);
        failed?: string | ((event: StreamEvent) => boolean);
        /** It goes on until its client leaves, like a feed of news. */
        endless?: boolean;
      };
  limits?: Pick<LimitsConfig, 'request' | 'firstByte' | 'idle'>;
}

export interface ScenariosConfig {
  include?: readonly string[];
  exclude?: readonly string[];
  /** Files of your own, relative to the config. */
  files?: readonly string[];
  /** Names of the operations that scenarios send, unless their settings name others; all of them without it. */
  operations?: readonly string[];
  /** What a scenario sets otherwise at the server, and which operations it sends. */
  settings?: Readonly<Record<string, ScenarioSettings>>;
}

export interface ScenarioSettings {
  args?: readonly string[];
  env?: Readonly<Record<string, string>>;
  operations?: readonly string[];
}

export interface VariantConfig {
  /** One sentence: what is different. */
  why?: string;
  /** Appended to the command, or in place of it. */
  args?: readonly string[];
  command?: string | readonly string[];
  cwd?: string;
  env?: Readonly<Record<string, string | null>>;
  /** In place of the server's own `setup`. */
  setup?: string | readonly string[];
}

/** For `hanglab.config.ts`: checks nothing, and gives the editor its types. */
export function defineConfig(config: TargetConfig): TargetConfig {
  return config;
}
