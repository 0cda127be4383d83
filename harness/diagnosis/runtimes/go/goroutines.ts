/** Go: every goroutine with its stack and the reason it waits, through delve; the process goes on after it. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { DiagnosisCode } from '../../codes.ts';
import type { Frame, Where } from '../../diagnosis.ts';
import type { Looked } from '../../inside-view.ts';
import { named } from '../../wording/frame.ts';
import { runTool } from '../debugger-command.ts';

export interface Goroutine {
  id: number;
  /** As the runtime names it: `sync.Mutex.Lock`, `chan receive`; empty while it runs. */
  reason: string;
  /** Innermost first. */
  frames: Frame[];
}

/** Reasons that end only when another goroutine acts. */
const WAITS_FOR_OTHERS = /^(sync\.|chan |semacquire|select)/;
const LOCKS = /^(sync\.(RW)?Mutex|semacquire)/;
/** Functions that call the handler of a request: net/http, gRPC, fasthttp. */
const SERVES =
  /^net\/http\.\(\*conn\)\.serve|grpc\.\(\*Server\)\.(handleStream|process)|fasthttp\.\(\*Server\)\.serveConn/;
/** As many senders without a receiver are not one that was forgotten. */
const LEAKING = 3;
const MAX_EVIDENCE = 5;

export async function lookAtGoroutines(pid: number, signal?: AbortSignal): Promise<Looked> {
  const folder = await mkdtemp(join(tmpdir(), 'hanglab-delve-'));
  try {
    const commands = join(folder, 'commands');
    await writeFile(commands, 'goroutines -t 50\nexit -c\n');
    const begin = performance.now();
    const args = [
      'attach',
      String(pid),
      '--allow-non-terminal-interactive=true',
      '--init',
      commands,
    ];
    const { output, absent, complaint, complaints } = await runTool('dlv', args, signal);
    const frozenMs = performance.now() - begin;
    const goroutines = parseGoroutines(output);
    if (goroutines.length === 0) {
      const because = absent
        ? 'install delve (go install github.com/go-delve/delve/cmd/dlv@latest)'
        : /debug info/.test(complaints)
          ? 'its debug information was left out (-ldflags=-s -w): build it without those flags'
          : complaint || 'delve said nothing';
      const sentence = 'Which of its goroutines stand still could not be seen.';
      return { isDecided: false, sentence, evidence: [`no goroutines: ${because}`], frozenMs };
    }
    return { ...judgeGoroutines(goroutines), frozenMs };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Reads the text of delve's `goroutines -t`. */
export function parseGoroutines(output: string): Goroutine[] {
  const goroutines: Goroutine[] = [];
  for (const line of output.replace(/\u001b\[[\d;]*m/g, '').split('\n')) {
    const head = /^[* ]*Goroutine (\d+) - .*?(?:\[([^\]]*)\])?\s*$/.exec(line);
    const frame = /^\s+\d+\s+0x[0-9a-f]+ in (.+)$/.exec(line);
    const place = /^\s+at (.+):(\d+)$/.exec(line);
    const last = goroutines.at(-1);
    if (head) goroutines.push({ id: Number(head[1]), reason: head[2] ?? '', frames: [] });
    else if (frame?.[1] && last) {
      last.frames.push({ function: frame[1], file: '', line: 0, column: 0 });
    } else if (place?.[1]) {
      const open = last?.frames.at(-1);
      if (open) {
        // Files below the working directory are told relative to it.
        Object.assign(open, {
          file: place[1].startsWith('.') ? resolve(place[1]) : place[1],
          line: Number(place[2]),
        });
      }
    }
  }
  return goroutines;
}

/** Whether requests, or goroutines that pile up, wait for others, and whether anybody is left who could come. */
export function judgeGoroutines(goroutines: readonly Goroutine[]): Omit<Looked, 'frozenMs'> {
  const inProgram = goroutines.flatMap((each) => {
    const own = each.frames.find(isOwn);
    return own ? [{ ...each, own }] : [];
  });
  const standing = inProgram.filter(standsStill);
  const crowds = crowdsOf(standing);
  const idle = crowdsOf(inProgram.filter((each) => !standsStill(each) && isIdle(each)));
  const active = inProgram.filter(
    (each) => !standsStill(each) && !isIdle(each) && !isListening(each),
  );
  const evidence = [
    `${goroutines.length} goroutines, ${inProgram.length} of them in the program’s own code`,
    ...crowdsOf(active)
      .slice(0, MAX_EVIDENCE)
      .map((members) => `goes on: ${crowdLine(members)}`),
    ...idle
      .slice(0, MAX_EVIDENCE)
      .map((members) => `waits for work, it seems: ${crowdLine(members)}`),
  ];
  const [crowd] = crowds;
  const [first] = crowd ?? [];
  if (!crowd || !first) {
    const atWork = crowdsOf(active.filter(isServing));
    const most = atWork[0] ? `; ${crowdLine(atWork[0])}` : '';
    const sentence = `No request waits for another goroutine${most}.`;
    return { sentence, where: atWork.map(whereOf), evidence };
  }
  const { code, because } = nameOf(first.reason, standing.length, crowds.length, active.length);
  if (code === 'abandoned-lock' && crowd.length > 1) {
    evidence.push(
      'which lock each waits for is not told: two that have locked each other’s at the same line look the same',
    );
  }
  const [candidate, ...more] = active;
  const holder: Looked['holder'] = candidate
    ? {
        kind: 'function',
        sentence: `${more.length === 0 ? 'the only goroutine that goes on' : `one of ${active.length} goroutines that go on, as`} in ${placeOf(candidate)}, which is in ${candidate.reason || 'a core'}`,
        where: more.length === 0 ? candidate.own : null,
      }
    : { kind: 'nobody', sentence: because, where: null };
  return {
    code,
    sentence: `${goroutinesWait(crowd.length)} in ${first.reason} at ${placeOf(first)}${candidate ? '' : `; ${because}`}.`,
    where: crowds.map(whereOf),
    holder,
    evidence,
  };
}

function nameOf(
  reason: string,
  standing: number,
  crowds: number,
  active: number,
): { code: DiagnosisCode; because: string } {
  if (active > 0) return { code: 'awaiting-forever', because: '' };
  if (LOCKS.test(reason)) {
    return crowds === 1
      ? {
          code: 'abandoned-lock',
          because: 'no other goroutine is in the program’s code: whoever locked it has returned',
        }
      : {
          code: 'deadlock',
          because: `all others that could unlock it wait too, at ${crowds - 1} more places`,
        };
  }
  if (/^chan send/.test(reason) && standing >= LEAKING) {
    return { code: 'task-leak', because: 'no goroutine is left that could receive' };
  }
  return { code: 'awaiting-forever', because: 'no goroutine is left that could come' };
}

function whereOf(members: readonly Standing[]): Where {
  const [first] = members;
  return {
    ...(first?.own as Frame),
    count: members.length,
    ageMs: null,
    chain: (first?.frames ?? []).filter(isOwn).toReversed(),
    waitsFor: first?.reason ?? '',
    locals: [],
  };
}

type Standing = Goroutine & { own: Frame };

/** The largest first. */
function crowdsOf(goroutines: readonly Standing[]): Standing[][] {
  return [...Map.groupBy(goroutines, ({ own, reason }) => `${own.file}:${own.line} ${reason}`)]
    .map(([, members]) => members)
    .sort((a, b) => b.length - a.length);
}

/** A lock or a send always has somebody who waits; a worker that waits for work does so for ever, rightly. */
function standsStill({ reason, frames }: Goroutine): boolean {
  if (LOCKS.test(reason) || /^chan send|nil chan|no cases/.test(reason)) return true;
  return WAITS_FOR_OTHERS.test(reason) && isServing({ frames });
}

function isServing({ frames }: Pick<Goroutine, 'frames'>): boolean {
  return frames.some(({ function: name }) => SERVES.test(name));
}

function isIdle({ reason }: Goroutine): boolean {
  return WAITS_FOR_OTHERS.test(reason);
}

/** It accepts connections, or is `main`, which waits for the server's end. */
function isListening({ id, frames }: Goroutine): boolean {
  return id === 1 || frames.some(({ function: name }) => /Listener\)\.Accept$/i.test(name));
}

function crowdLine(members: readonly Standing[]): string {
  const [first] = members;
  return first ? `${members.length} at ${placeOf(first)} in ${first.reason || 'a core'}` : '';
}

function placeOf({ own }: Standing): string {
  return named(own);
}

function goroutinesWait(count: number): string {
  return count === 1 ? '1 goroutine waits' : `${count} goroutines wait`;
}

/** Neither of Go itself nor of a module that was downloaded. */
function isOwn({ file, function: name }: Frame): boolean {
  if (!file.startsWith('/') || /\/pkg\/mod\/|\/vendor\//.test(file)) return false;
  return !/\/(go|golang)[\d.-]*\/src\//.test(file) && !/^(runtime|internal)[./]/.test(name);
}
