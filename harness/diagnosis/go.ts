/** Go: every goroutine with its stack and the reason it waits, through delve; the process goes on after it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { DiagnosisCode } from './codes.ts';
import type { Looked } from './looked.ts';
import { runTool } from './tool.ts';
import type { Frame } from './types.ts';

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
    const { output, absent, complaint } = await runTool('dlv', args, signal);
    const frozenMs = performance.now() - begin;
    const goroutines = parseGoroutines(output);
    if (goroutines.length === 0) {
      const because = absent
        ? 'no goroutines: install delve (go install github.com/go-delve/delve/cmd/dlv@latest)'
        : `no goroutines: ${complaint || 'delve said nothing'}`;
      return { isDecided: false, evidence: [because], frozenMs };
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

/** The largest crowd of goroutines that wait for one another at one place of the program. */
export function judgeGoroutines(goroutines: readonly Goroutine[]): Omit<Looked, 'frozenMs'> {
  const evidence = [`${goroutines.length} goroutines`];
  const waiting = goroutines.flatMap((each) => {
    const own = ownFrame(each.frames);
    return own && WAITS_FOR_OTHERS.test(each.reason) ? [{ ...each, own }] : [];
  });
  const crowds = [...Map.groupBy(waiting, ({ own, reason }) => `${own.file}:${own.line} ${reason}`)]
    .map(([, members]) => members)
    .sort((a, b) => b.length - a.length);
  const [crowd] = crowds;
  const [first] = crowd ?? [];
  if (!crowd || !first) {
    return { code: 'live', sentence: 'No goroutine waits for another.', evidence };
  }
  const at = `${first.own.function} (${first.own.file}:${first.own.line})`;
  const inside = goroutines.filter(
    (each) => !waiting.some(({ id }) => id === each.id) && ownFrame(each.frames) && !isMain(each),
  );
  const isLock = LOCKS.test(first.reason);
  const code: DiagnosisCode =
    isLock && inside.length === 0 && crowds.length === 1
      ? 'abandoned-lock'
      : isLock && inside.length === 0
        ? 'deadlock'
        : 'awaiting-forever';
  const others = {
    'abandoned-lock':
      '; no other goroutine is in the program’s code: whoever locked it has returned',
    deadlock: `; all others that could unlock it wait too, at ${crowds.length - 1} more places`,
  };
  return {
    code,
    sentence: `${crowd.length} goroutines wait in ${first.reason} at ${at}${others[code as keyof typeof others] ?? ''}.`,
    where: crowds.map((members) => ({
      ...(members[0]?.own as Frame),
      count: members.length,
      ageMs: null,
      chain: (members[0]?.frames ?? []).filter(isOwn).toReversed(),
      waitsFor: members[0]?.reason ?? '',
      locals: [],
    })),
    evidence,
  };
}

function ownFrame(frames: readonly Frame[]): Frame | undefined {
  return frames.find(isOwn);
}

/** Neither of Go itself nor of a module that was downloaded. */
function isOwn({ file, function: name }: Frame): boolean {
  if (!file.startsWith('/') || /\/pkg\/mod\/|\/vendor\//.test(file)) return false;
  return !/\/(go|golang)[\d.-]*\/src\//.test(file) && !/^(runtime|internal)[./]/.test(name);
}

/** The first goroutine waits for the server's end, as it should. */
function isMain({ id }: Goroutine): boolean {
  return id === 1;
}
