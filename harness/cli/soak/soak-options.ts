/** The options of `soak`, checked all at once before anything is started. */
import { toMs } from '../../platform/duration.ts';
import { messageOf } from '../../platform/errors.ts';
import { checkOut } from '../../report/folder.ts';
import { scenarioProblem } from '../../scenario/catalogue.ts';
import { scenarioGiven } from '../../scenario/selection.ts';
import { DEFAULT_SMALLEST } from '../../soak/resources/catalogue.ts';
import { leastMs, planOf } from '../../soak/rounds/plan.ts';
import type { SoakSettings } from '../../soak/run-soak.ts';
import { LEAST_ROUNDS } from '../../soak/statistics/round-sizes.ts';
import { loadConfig } from '../../target/config/load-config.ts';
import type { Target } from '../../target/target.ts';
import { toxiproxyOf, usageError } from '../run/run-options.ts';
import { parseInteger } from '../shared/parse-integer.ts';

export interface RawSoakOptions {
  config?: string;
  variant?: string;
  for?: string;
  rounds?: string;
  requests?: string;
  clients: string;
  still: string;
  idle: string;
  backWithin: string;
  smallestLeak?: string;
  oneIn?: string;
  pprof?: string;
  heapSnapshots?: boolean;
  resume?: string;
  report?: string;
  toxiproxy?: string;
  seed?: string;
  scale?: string;
  documents?: string;
  out: string;
  json?: boolean;
}

export interface SoakOptionsParsed {
  target: Target;
  settings: SoakSettings;
  toxiproxy: ReturnType<typeof toxiproxyOf>;
  scale: number;
  documents: string | null;
}

const MAX_SEED = 2 ** 31 - 1;

/** @throws HanglabError `bad-usage` with every problem at once; `no-config`, `bad-config`. */
export async function parseSoakOptions(
  names: readonly string[],
  raw: RawSoakOptions,
): Promise<SoakOptionsParsed> {
  const loaded = await loadConfig(raw.config ?? null);
  const problems: string[] = [];
  const report = (problem: string | null): void => {
    if (problem) problems.push(problem);
  };
  const number = (flag: string, text: string, min: number, max: number): number =>
    parseInteger(flag, text, min, max, report);
  const optional = (flag: string, text: string | undefined, min: number, max: number) =>
    text === undefined ? null : number(flag, text, min, max);
  const time = (flag: string, text: string): number => {
    try {
      return toMs(text);
    } catch (error) {
      report(`${flag}: ${messageOf(error)}`);
      return 0;
    }
  };
  for (const name of names) report(scenarioProblem(scenarioGiven(name, loaded)));
  const stillMs = time('--still', raw.still);
  const forMs = raw.for === undefined ? null : time('--for', raw.for);
  if (forMs !== null && forMs < leastMs(stillMs)) {
    const least = Math.ceil(leastMs(stillMs) / 1000);
    report(`--for ${raw.for}: rounds and rest need ${least} s at the least`);
  }
  const rounds = optional('--rounds', raw.rounds, LEAST_ROUNDS, 10_000);
  const operations = optional('--requests', raw.requests, 1, 1e9);
  const smallest = {
    bytes: optional('--smallest-leak', raw.smallestLeak, 1, 1e9) ?? DEFAULT_SMALLEST.bytes,
    count: 1 / (optional('--one-in', raw.oneIn, 1, 1e9) ?? 1 / DEFAULT_SMALLEST.count),
  };
  if (raw.pprof !== undefined && !isLoopback(raw.pprof)) {
    report(`--pprof ${raw.pprof}: expected a path on the server, or a URL on this machine`);
  }
  const variant = raw.variant ?? null;
  const settings: SoakSettings = {
    plan: planOf({ forMs, rounds, operations, stillMs }),
    scenarios: names.map((name) => scenarioGiven(name, loaded)),
    seed: optional('--seed', raw.seed, 0, MAX_SEED) ?? Math.floor(Math.random() * MAX_SEED),
    clients: number('--clients', raw.clients, 1, 1000),
    ...{ stillMs, idleMs: time('--idle', raw.idle), smallest },
    lateMs: time('--back-within', raw.backWithin),
    pprof: raw.pprof ?? null,
    heapSnapshots: raw.heapSnapshots ?? false,
    isTimed: forMs !== null,
    config: loaded.file === null ? null : { file: loaded.file, variant },
    target: variant === null ? (loaded.config.name ?? 'target') : variant,
    command: '',
  };
  const toxiproxy = toxiproxyOf(raw.toxiproxy, report);
  if (problems.length > 0) throw usageError(problems);
  checkOut(raw.out);
  const target = loaded.target(variant);
  return {
    target,
    toxiproxy,
    settings: { ...settings, target: target.name, command: commandOf(names, raw, settings) },
    scale: raw.scale === undefined ? 1 : Number(raw.scale),
    documents: raw.documents ?? null,
  };
}

function isLoopback(pprof: string): boolean {
  if (pprof.startsWith('/')) return true;
  const host = URL.parse(pprof)?.hostname ?? '';
  return /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(host);
}

/** With the seed that was drawn. */
function commandOf(names: readonly string[], raw: RawSoakOptions, { seed }: SoakSettings): string {
  const flags = Object.entries({ ...raw, seed: String(seed), json: undefined, resume: undefined })
    .filter(([name, value]) => value !== undefined && value !== DEFAULTS[name])
    .flatMap(([name, value]) => {
      const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
      return value === true ? [flag] : [flag, String(value)];
    });
  return ['npx', 'hanglab', 'soak', ...names, ...flags].map(shellWord).join(' ');
}

export const DEFAULTS: Readonly<Record<string, string>> = {
  clients: '4',
  still: '2s',
  idle: '0s',
  backWithin: '30s',
  out: 'reports',
};

function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
