/** A long answer in a session with many messages, sent to many clients. */
import { setTimeout as sleep } from 'node:timers/promises';
import { chat } from '../testing/chat.ts';
import { cpuMs } from '../testing/process.ts';
import { longSession } from '../testing/sessions.ts';
import { startTarget } from '../testing/target.ts';
import { probe, startControl } from './control.ts';
import { ms, percentile, row } from './figures.ts';
import { startListeners } from './listeners.ts';

const CLIENTS = 32;
const MESSAGES = 892;
const TOKEN = 'abcd ';
/** A thousand tokens a second. */
const PACE = { chunkCharacters: TOKEN.length, everyMs: 10, chunksAtOnce: 10 };
const WINDOW = 1000;

/** The defects get fewer tokens: with more they would take down the machine. */
const RUNS: [string | null, number][] = [
  [null, 10_000],
  ['broadcast-per-token', 2000],
  ['coalesced-broadcast-only', 6000],
  ['stats-rescanned-per-event', 2000],
  ['process-per-event', 2000],
];

export async function* tokenStorm(): AsyncIterable<string> {
  yield `${CLIENTS} clients, a session of ${MESSAGES} messages, 1,000 tokens a second`;
  yield row('', 'tokens', 'bytes/token', '', 'CPU µs/token', '', 'health p99', 'control p99');
  yield row('', '', 'first 1000', 'last 1000', 'first 1000', 'last 1000');
  for (const [defect, tokens] of RUNS) {
    const storm = await run(defect, tokens);
    yield row(
      defect ?? 'healthy',
      tokens,
      storm.bytes[0].toFixed(1),
      storm.bytes[1].toFixed(1),
      storm.cpu[0].toFixed(0),
      storm.cpu[1].toFixed(0),
      ms(storm.healthMs),
      ms(storm.controlMs),
      storm.dropped > 0 ? `${storm.dropped} clients dropped` : '',
    );
  }
}

async function run(defect: string | null, tokens: number) {
  const flags = ['--turn-ms', '600000', '--log-level', 'warn'];
  await using target = await startTarget({ flags, ...(defect ? { defect } : {}) });
  await using control = await startControl();
  const sessionId = await longSession(target, MESSAGES);
  target.model.behave(() => ({ reply: { text: 'Warm.' } }));
  await chat(target.url, 'Begin.', { sessionId });
  await using listeners = await startListeners(target.url, CLIENTS);
  target.model.behave(() => ({ reply: { text: TOKEN.repeat(tokens), ...PACE } }));

  const health = probe(`${target.url}/health`);
  const calm = probe(control.url);
  const samples = [{ tokens: 0, bytes: 0, cpu: cpuMs(target) }];
  const turn = chat(target.url, 'Go on.', { sessionId });
  const limitMs = performance.now() + 60_000;
  while (samples.at(-1)!.tokens < tokens && performance.now() < limitMs) {
    await sleep(20);
    const { characters, bytes } = listeners.heard;
    samples.push({ tokens: characters / TOKEN.length, bytes, cpu: cpuMs(target) });
  }
  const [healths, calms] = await Promise.all([health.stop(), calm.stop()]);
  await target.kill('SIGKILL');
  await turn.catch(() => null);

  const between = (from: number, to: number) => {
    const begin = samples.findLast((sample) => sample.tokens <= from) ?? samples[0]!;
    const end = samples.find((sample) => sample.tokens >= to) ?? samples.at(-1)!;
    const count = Math.max(1, end.tokens - begin.tokens);
    return {
      bytes: (end.bytes - begin.bytes) / count / CLIENTS,
      cpu: ((end.cpu - begin.cpu) * 1000) / count,
    };
  };
  const [first, last] = [between(0, WINDOW), between(tokens - WINDOW, tokens)];
  return {
    bytes: [first.bytes, last.bytes] as const,
    cpu: [first.cpu, last.cpu] as const,
    healthMs: percentile(healths, 0.99),
    controlMs: percentile(calms, 0.99),
    dropped: listeners.heard.dropped,
  };
}
