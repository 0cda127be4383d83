/**
 * The folder of a soak. Each round is a line, written when the round has ended, so that a crash loses the round
 * that it met and no more; verdict and summary are written anew after each round. What is written is bounded:
 * a line a round, and beside it files of a fixed size.
 */
import {
  appendFileSync,
  closeSync,
  existsSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { HanglabError } from '../platform/errors.ts';
import { bounded } from './evidence/growers.ts';
import { EMPTY, type Parts } from './resources/reading.ts';
import type { RoundRecord } from './rounds/record.ts';

const SETTINGS = 'soak.json';
const ROUNDS = 'rounds.ndjson';
const PARTS = 'parts.json';

/** What the target prints is cut to its last part when it is more than this. */
const MOST_LOG_BYTES = 8_000_000;
const KEPT_LOG_BYTES = 1_000_000;

export interface SoakStore<Settings> {
  readonly folder: string;
  readonly settings: Settings;
  /** Rounds of earlier parts of the soak. */
  readonly records: readonly RoundRecord[];
  readonly parts: { first: Parts; last: Parts };
  /** Keeps a round; `parts` are those of the reading after it. */
  add(record: RoundRecord, parts: Parts): void;
  write(name: string, text: string): void;
  /** What was written as `name`, as JSON; null when there is none. */
  read<T>(name: string): T | null;
}

export function newStore<Settings>(folder: string, settings: Settings): SoakStore<Settings> {
  replace(join(folder, SETTINGS), `${JSON.stringify(settings, null, 2)}\n`);
  return storeOf(folder, settings, [], { first: EMPTY.parts, last: EMPTY.parts });
}

/** @throws HanglabError `no-such-soak`, `bad-soak` */
export function openStore<Settings>(folder: string): SoakStore<Settings> {
  if (!existsSync(join(folder, SETTINGS))) {
    throw new HanglabError(
      'no-such-soak',
      `${folder} is not the folder of a soak: it has no ${SETTINGS}`,
    );
  }
  try {
    const settings = jsonIn<Settings>(join(folder, SETTINGS));
    const parts = existsSync(join(folder, PARTS))
      ? jsonIn<{ first: Parts; last: Parts }>(join(folder, PARTS))
      : { first: EMPTY.parts, last: EMPTY.parts };
    return storeOf(folder, settings, readRounds(join(folder, ROUNDS)), parts);
  } catch (error) {
    throw new HanglabError('bad-soak', `${folder} cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function storeOf<Settings>(
  folder: string,
  settings: Settings,
  records: readonly RoundRecord[],
  parts: { first: Parts; last: Parts },
): SoakStore<Settings> {
  const kept = { ...parts };
  return {
    folder,
    settings,
    records,
    parts: kept,
    add(record, now) {
      appendFileSync(join(folder, ROUNDS), `${JSON.stringify(record)}\n`, { mode: 0o600 });
      kept.last = bounded(now);
      // Warmup is over when a round is measured: what was there before it counts as there.
      if (record.kind === 'warmup' || record.kind === 'idle') kept.first = kept.last;
      replace(join(folder, PARTS), JSON.stringify(kept));
      cutLog(join(folder, 'target.log'));
    },
    write: (name, text) => replace(join(folder, name), text),
    read: <T>(name: string) =>
      existsSync(join(folder, name)) ? jsonIn<T>(join(folder, name)) : null,
  };
}

/** A last line that a crash has cut off is left out, and taken away, so that the next one stands alone. */
function readRounds(file: string): RoundRecord[] {
  if (!existsSync(file)) return [];
  const text = readFileSync(file, 'utf8');
  const end = text.lastIndexOf('\n') + 1;
  if (end < text.length) {
    const opened = openSync(file, 'r+');
    ftruncateSync(opened, Buffer.byteLength(text.slice(0, end)));
    closeSync(opened);
  }
  return text
    .slice(0, end)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as RoundRecord);
}

function jsonIn<T>(file: string): T {
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}

/** In one step: whoever reads it meanwhile reads the old or the new one. */
function replace(file: string, text: string): void {
  writeFileSync(`${file}.part`, text, { mode: 0o600 });
  renameSync(`${file}.part`, file);
}

/** Whoever writes to it appends, and goes on at its new end. */
function cutLog(file: string): void {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size <= MOST_LOG_BYTES) return;
  const opened = openSync(file, 'r+');
  try {
    const last = Buffer.alloc(KEPT_LOG_BYTES);
    readSync(opened, last, 0, KEPT_LOG_BYTES, size - KEPT_LOG_BYTES);
    ftruncateSync(opened, 0);
    appendFileSync(file, '(what came before is left out)\n');
    appendFileSync(file, last.subarray(last.indexOf('\n') + 1));
  } finally {
    closeSync(opened);
  }
}
