/** The CPU time of structured answers, each twice as long as the one before. */
import { chat } from '../testing/chat.ts';
import { cpuMs } from '../testing/process.ts';
import { startTarget } from '../testing/target.ts';
import { ms, row } from './figures.ts';

const KILO = 1024;
const LENGTHS = [8, 16, 32, 64, 128].map((kilos) => kilos * KILO);
const TEXTS = {
  prose: 'Word after word, and no end of it. ',
  braces: '{"list":[{"a":[1,2]},{"b":[]}]} ',
};
/** Characters per chunk of the model: one or two tokens. */
const CHUNK_CHARACTERS = 6;
/** Runs per length; the cheapest counts, since everything else on the machine only adds to it. */
const RUNS = 7;
/** A cost this large needs no second run. */
const MEASURABLE_MS = 300;

export async function* longAnswer(): AsyncIterable<string> {
  yield 'CPU time of one answer, and how many times that of half its length';
  yield row('', ...LENGTHS.map((length) => `${length / KILO} K`), 'worst x');
  const cases: [string | null, keyof typeof TEXTS][] = [
    [null, 'prose'],
    [null, 'braces'],
    ['reparse-on-every-chunk', 'prose'],
    ['reparse-on-closing-brace', 'braces'],
  ];
  for (const [defect, kind] of cases) {
    const costs = await run(defect, TEXTS[kind]);
    const doublings = costs.slice(1).map((cost, i) => cost / (costs[i] as number));
    yield row(`${defect ?? 'healthy'}, ${kind}`.slice(0, 36), ...costs.map(ms));
    yield row('', '', ...doublings.map((x) => x.toFixed(2)), Math.max(...doublings).toFixed(2));
  }
}

async function run(defect: string | null, text: string): Promise<number[]> {
  const flags = ['--turn-ms', '600000', '--log-level', 'warn'];
  await using target = await startTarget({ flags, ...(defect ? { defect } : {}) });
  const cost = async (length: number) => {
    const answer = text.repeat(Math.ceil(length / text.length)).slice(0, length);
    const whole = JSON.stringify({ thoughts: [], answer });
    target.model.behave(() => ({ reply: { text: whole, chunkCharacters: CHUNK_CHARACTERS } }));
    const before = cpuMs(target);
    await chat(target.url, 'Write.', { format: 'steps' });
    return cpuMs(target) - before;
  };
  // Warm up, so that compiled code is measured.
  const warmed = await cost(32 * KILO);
  for (let n = 0; n < 10 && warmed < MEASURABLE_MS; n++) await cost(32 * KILO);
  const costs: number[] = [];
  for (const length of LENGTHS) {
    let least = await cost(length);
    for (let n = 1; n < RUNS && least < MEASURABLE_MS; n++) {
      least = Math.min(least, await cost(length));
    }
    costs.push(least);
  }
  return costs;
}
