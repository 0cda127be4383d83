/** The options of `hanglab model`, checked all at once. */
import type { ModelServerOptions } from '../llm/server/server.ts';
import { HanglabError } from '../platform/errors.ts';
import { parseInteger } from './shared/parse-integer.ts';

export interface RawModelOptions {
  port: string;
  host: string;
  upstream?: string[];
  rules?: string;
  seed: string;
  ttft: string;
  tokensPerSecond: string;
  tokensPerEvent: string;
  answerTokens?: string;
  apiKey?: string;
  tls?: boolean;
  record?: string;
  to?: string;
  replay?: string;
  timeScale: string;
  log?: boolean;
  json?: boolean;
}

export interface ModelOptions {
  server: Omit<ModelServerOptions, 'rules' | 'onEvent' | 'answerFrom'>;
  record: { url: string; file: string } | null;
  replay: { file: string; timeScale: number } | null;
  log: boolean;
  json: boolean;
}

const MAX_PORT = 65_535;
const DAY_MS = 86_400_000;

/** @throws HanglabError `bad-usage` with every problem at once. */
export function parseModelOptions(raw: RawModelOptions): ModelOptions {
  const problems: string[] = [];
  const report = (problem: string): void => void problems.push(problem);
  const number = (flag: string, text: string, min: number): number => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= min)) {
      report(`${flag} ${text}: expected a number from ${min} on`);
    }
    return value;
  };
  const answerTokens = raw.answerTokens;
  const server: ModelOptions['server'] = {
    port: parseInteger('--port', raw.port, 0, MAX_PORT, report),
    host: raw.host,
    upstreams: upstreamsOf(raw.upstream ?? [], report),
    seed: parseInteger('--seed', raw.seed, 0, 2 ** 31 - 1, report),
    pace: {
      ttftMs: parseInteger('--ttft', raw.ttft, 0, DAY_MS, report),
      tokensPerSecond: number('--tokens-per-second', raw.tokensPerSecond, 0.001),
    },
    answers: {
      tokensPerEvent: parseInteger('--tokens-per-event', raw.tokensPerEvent, 1, 10_000, report),
      ...(answerTokens === undefined
        ? {}
        : { answerTokens: parseInteger('--answer-tokens', answerTokens, 1, 1_000_000, report) }),
    },
    tls: raw.tls === true,
    ...(raw.apiKey === undefined ? {} : { apiKey: raw.apiKey }),
  };
  const timeScale = number('--time-scale', raw.timeScale, 0);
  if (raw.record !== undefined) checkRecording(raw, raw.record, report);
  else if (raw.to !== undefined) report('--to is for --record URL');
  if (problems.length > 0) {
    throw new HanglabError('bad-usage', 'hanglab model cannot be started so:', { problems });
  }
  const { record, to, replay } = raw;
  return {
    server,
    record: record !== undefined && to !== undefined ? { url: record, file: to } : null,
    replay: replay === undefined ? null : { file: replay, timeScale },
    log: raw.log === true,
    json: raw.json === true,
  };
}

function checkRecording(
  raw: RawModelOptions,
  url: string,
  report: (problem: string) => void,
): void {
  if (raw.to === undefined) report('--record needs --to FILE');
  if (raw.replay !== undefined) report('--record and --replay exclude each other');
  if (raw.rules !== undefined) {
    report('--record passes requests on as they are: leave out --rules, or replay with them');
  }
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    report(`--record ${url}: expected a URL like https://api.openai.com`);
  }
}

function upstreamsOf(
  given: readonly string[],
  report: (problem: string) => void,
): Record<string, number> {
  const upstreams: Record<string, number> = {};
  for (const text of given) {
    const [, name, port] = /^([A-Za-z][\w-]*)=(.*)$/.exec(text) ?? [];
    if (name === undefined || port === undefined) {
      report(`--upstream ${text}: expected NAME=PORT, like planner=9002`);
    } else if (Object.hasOwn(upstreams, name)) report(`--upstream ${text}: given twice`);
    else upstreams[name] = parseInteger(`--upstream ${name}`, port, 0, MAX_PORT, report);
  }
  return upstreams;
}
