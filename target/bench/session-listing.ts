/** Many sessions, listed repeatedly while an answer streams. */
import { setTimeout as sleep } from 'node:timers/promises';
import { chat } from '../testing/chat.ts';
import { cpuMs, openFiles } from '../testing/process.ts';
import { longSession } from '../testing/sessions.ts';
import { startTarget } from '../testing/target.ts';
import { probe, startControl } from './control.ts';
import { ms, percentile, row, timed } from './figures.ts';

const SESSIONS = 1200;
/** 34 KB each, 40 MB in all. */
const MESSAGES = 65;
const A_SECOND = 4;
const SECONDS = 10;
/** A listing that takes longer counts as not answered. */
const LIMIT_MS = 20_000;

export async function* sessionListing(): AsyncIterable<string> {
  yield `${SESSIONS} sessions, ${A_SECOND} listings a second for ${SECONDS} s while an answer streams`;
  yield row(
    '',
    'first',
    'p50',
    'p95',
    'worst',
    'answered',
    'files open',
    'CPU',
    'health p99',
    'control p99',
  );
  for (const defect of [null, 'listing-rescans-everything', 'session-files-left-open']) {
    yield await run(defect);
  }
}

async function run(defect: string | null): Promise<string> {
  const flags = ['--turn-ms', '600000', '--log-level', 'warn'];
  await using target = await startTarget({ flags, ...(defect ? { defect } : {}) });
  await using control = await startControl();
  for (let n = 0; n < SESSIONS; n += 20) {
    await Promise.all(Array.from({ length: 20 }, () => longSession(target, MESSAGES)));
  }
  const list = () => target.request('/api/v1/sessions?limit=2000');
  const first = await timed(list);

  const everyMs = 1000 / A_SECOND;
  const text = 'abcd '.repeat(1000 * (SECONDS + 5));
  target.model.behave(() => ({
    reply: { text, chunkCharacters: 5, everyMs: 10, chunksAtOnce: 10 },
  }));
  const turn = chat(target.url, 'Go on.').catch(() => null);
  const [health, calm] = [probe(`${target.url}/health`), probe(control.url)];
  const before = cpuMs(target);
  const times: Promise<number>[] = [];
  let mostOpen = 0;
  for (let n = 0; n < A_SECOND * SECONDS; n++) {
    const late = sleep(LIMIT_MS, Number.POSITIVE_INFINITY, { ref: false });
    times.push(Promise.race([timed(list).catch(() => Number.POSITIVE_INFINITY), late]));
    await sleep(everyMs);
    mostOpen = Math.max(
      mostOpen,
      openFiles(target, (path) => path.endsWith('.jsonl')),
    );
  }
  const all = await Promise.all(times);
  const cpu = cpuMs(target) - before;
  const [healths, calms] = await Promise.all([health.stop(), calm.stop()]);
  await target.kill('SIGKILL');
  await turn;
  const answered = all.filter(Number.isFinite);
  return row(
    defect ?? 'healthy',
    ms(first),
    ms(percentile(answered, 0.5)),
    ms(percentile(answered, 0.95)),
    ms(Math.max(...answered)),
    `${answered.length}/${all.length}`,
    mostOpen,
    ms(cpu),
    ms(percentile(healths, 0.99)),
    ms(percentile(calms, 0.99)),
  );
}
