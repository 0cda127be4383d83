import {
  appendFileSync,
  createWriteStream,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { RoundRecord } from './rounds/record.ts';
import { newStore, openStore } from './store.ts';

const record = (kind: RoundRecord['kind'], threads: number): RoundRecord => ({
  ...{ kind, segment: 0, atMs: 100, work: null, values: { threads } },
  rest: { tookMs: 10, isStill: true, idleCpu: 0 },
});

describe('the folder of a soak', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'soak-store-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
  });

  it('gives back what was kept', () => {
    const store = newStore(folder, { seed: 7 });
    store.add(record('warmup', 4), { threads: { main: 4 } });
    store.add(record('single', 5), { threads: { main: 5 } });
    const again = openStore<{ seed: number }>(folder);
    expect(again.settings).toEqual({ seed: 7 });
    expect(again.records).toEqual([record('warmup', 4), record('single', 5)]);
    expect(again.parts).toEqual({
      first: { threads: { main: 4 } },
      last: { threads: { main: 5 } },
    });
  });

  it('leaves out a line that a crash has cut off, and goes on after it', () => {
    newStore(folder, {}).add(record('single', 5), {});
    appendFileSync(join(folder, 'rounds.ndjson'), '{"kind":"single","segm');
    openStore(folder).add(record('single', 6), {});
    expect(openStore(folder).records).toEqual([record('single', 5), record('single', 6)]);
  });

  it('keeps the last part of what the target prints', async () => {
    const log = join(folder, 'target.log');
    const stream = createWriteStream(log, { flags: 'a' });
    const print = (text: string) => new Promise<unknown>((resolve) => stream.write(text, resolve));
    const store = newStore(folder, {});
    for (let i = 0; i < 10; i++) {
      await print(`${'x'.repeat(99)}\n`.repeat(10_000));
      store.add(record('single', i), {});
    }
    await print('the last line\n');
    stream.end();
    await finished(stream);
    expect(statSync(log).size).toBeLessThan(8_000_000);
    const text = readFileSync(log, 'utf8');
    expect(text.startsWith('(what came before is left out)\nxxx')).toBe(true);
    expect(text.endsWith('x\nthe last line\n')).toBe(true);
  });

  it('is refused when it is none', () => {
    expect(() => openStore(folder)).toThrow(/is not the folder of a soak/);
  });
});
