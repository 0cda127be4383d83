import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { lines, report } from '../../fixtures/assertions.ts';
import { hung, missing } from '../../fixtures/hung.ts';
import { startFixture } from '../../fixtures/start.ts';
import { pythonAgentEnvironment } from '../../index.ts';

const folder = mkdtempSync(join(tmpdir(), 'diagnosis-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const python = missing('python3', '--version');
const gdb = python ?? missing('gdb', '--version');
const pySpy = python ?? missing('py-spy', '--version');
const imported = python ? null : spawnSync('python3', ['-c', 'import fastapi, uvicorn']);
const fastapi = imported?.status === 0 ? null : 'no fastapi and uvicorn (pip install both)';

const runtime = 'python3';
/** What a run hands out: a folder that nobody else may enter. */
const agentFolder = mkdtempSync(join(folder, 'answers-'));
const agent = () => pythonAgentEnvironment(agentFolder);

describe('Python', { timeout: 60_000 }, () => {
  test('FastAPI under uvicorn: a deadlocked asyncio semaphore', async (context) => {
    if (fastapi) return context.skip(fastapi);
    await using server = await startFixture('fastapi_semaphore.py', { runtime, env: agent() });
    const diagnosis = await hung(server, 3, { agentFolder });
    expect(diagnosis.code, report(diagnosis)).toBe('deadlock');
    const [first, second] = diagnosis.where;
    expect(first).toMatchObject({
      function: 'index_row',
      file: server.file,
      line: server.lineOf('stuck here'),
      count: 1,
    });
    expect(second).toMatchObject({
      function: 'ingest',
      file: server.file,
      line: server.lineOf('waits here'),
      count: 2,
    });
    expect(diagnosis.holder?.where).toMatchObject({
      function: 'ingest',
      file: server.file,
      line: server.lineOf('holds here'),
    });
    expect((await fetch(server.healthUrl)).status).toBe(200);
  });

  test('a permit is not called abandoned when acquire() took it, nor a condition deadlocked', async (context) => {
    if (python) return context.skip(python);
    await using server = await startFixture('waiting_by_turns.py', { runtime, env: agent() });
    const diagnosis = await hung(server, 2, { agentFolder, requestLimitMs: 500 });
    expect(diagnosis.code, report(diagnosis)).toBe('waiting-on-timer');
    expect(lines(diagnosis, server)).toEqual([server.lineOf('waits here')]);
    expect(diagnosis.holder?.where).toMatchObject({
      function: 'keeper',
      line: server.lineOf('holds here'),
    });
  });

  test('a permit whose holder is a generator at rest, or a callback, is not abandoned', async (context) => {
    if (python) return context.skip(python);
    await using server = await startFixture('unseen_holder.py', { runtime, env: agent() });
    const diagnosis = await hung(server, 2, { agentFolder });
    expect(diagnosis, report(diagnosis)).toMatchObject({ code: 'waiting', decided: false });
    expect(lines(diagnosis, server)).toContain(server.lineOf('waits here'));
  });

  test('tasks that take turns with a permit are no hang', async (context) => {
    if (python) return context.skip(python);
    await using server = await startFixture('taking_turns.py', { runtime, env: agent() });
    const diagnosis = await hung(server, 4, { agentFolder });
    expect(diagnosis.code, report(diagnosis)).toMatch(/^(live|slow-but-live|waiting)$/);
    expect(diagnosis.evidence.join('\n')).toMatch(
      /\d tasks? waits? for locks, and none for as long/,
    );
  });

  test.for([
    ['lock_order.py', 'deadlock', ['remember stuck here', 'sweep stuck here'], 'ordered'],
    ['nested_executor.py', 'threadpool-starved', ['stuck here'], 'apart'],
  ] as const)('threads: %s is %s, and its healthy twin is not', async ([
    name,
    code,
    at,
    healthy,
  ], context) => {
    if (python) return context.skip(python);
    const serve = (args: string[]) => startFixture(name, { runtime, args, env: agent() });
    await using guilty = await serve([]);
    const diagnosis = await hung(guilty, 4, { agentFolder });
    expect(diagnosis.code, report(diagnosis)).toBe(code);
    expect(diagnosis.decided).toBe(true);
    expect(lines(diagnosis, guilty)[0]).toSatisfy((line: number) =>
      at.some((mark) => guilty.lineOf(mark) === line),
    );
    await using twin = await serve([healthy]);
    const well = await hung(twin, 4, { agentFolder });
    expect(well.code, report(well)).toMatch(/^((slow-but-)?live|waiting)$/);
  });

  test('a process that hanglab did not start is undecided, and it says what would decide', async (context) => {
    if (python) return context.skip(python);
    await using server = await startFixture('deadlocked_semaphore.py', { runtime });
    const diagnosis = await hung(server, 2);
    expect(diagnosis.decided, report(diagnosis)).toBe(false);
    expect(report(diagnosis)).toMatch(/--inject/);
  });

  test('--inject has it tell its tasks, again and again, and fails no request', async (context) => {
    if (gdb) return context.skip(gdb);
    await using server = await startFixture('deadlocked_semaphore.py', { runtime });
    const over = new AbortController();
    // Pauses between: a server that has no time left at all is told as that.
    const traffic = Array.from({ length: 4 }, async () => {
      let answered = 0;
      for (; !over.signal.aborted; await sleep(5)) {
        expect((await fetch(server.healthUrl)).status).toBe(200);
        answered++;
      }
      return answered;
    });
    const before = inFolder();
    for (let round = 0; round < 3; round++) {
      const diagnosis = await hung(server, 2, { inject: true });
      expect(diagnosis.code, report(diagnosis)).toBe('deadlock');
      expect(lines(diagnosis, server)).toEqual(
        expect.arrayContaining([server.lineOf('stuck here'), server.lineOf('waits here')]),
      );
      expect(diagnosis.holder?.where?.line).toBe(server.lineOf('holds here'));
    }
    over.abort();
    for (const answered of await Promise.all(traffic)) expect(answered).toBeGreaterThan(10);
    expect(inFolder()).toEqual(before);
  });

  test('the line that blocks the loop', async (context) => {
    if (pySpy) return context.skip(pySpy);
    await using server = await startFixture('blocked_loop.py', { runtime });
    const diagnosis = await hung(server, 1);
    expect(diagnosis.code, report(diagnosis)).toBe('event-loop-blocked');
    expect(diagnosis.where[0]).toMatchObject({ function: 'checksum', file: server.file });
    expect(diagnosis.sentence).not.toMatch(/error/);
  });

  test('an error that is rendered without end', async (context) => {
    if (pySpy) return context.skip(pySpy);
    await using server = await startFixture('rendering_error.py', { runtime });
    const diagnosis = await hung(server, 1);
    expect(diagnosis.code, report(diagnosis)).toBe('event-loop-blocked');
    expect(diagnosis.sentence).toMatch(/rendering an error/);
    expect(lines(diagnosis, server)).toEqual([server.lineOf('stuck here')]);
    expect(diagnosis.where[0]?.chain.map(({ line }) => line)).toContain(
      server.lineOf('renders here'),
    );
    expect(diagnosis.evidence.join('\n')).toMatch(/renders an error: .*traceback\.py:\d+/);
  });

  test('without the tools it names what to install', async (context) => {
    if (python) return context.skip(python);
    await using server = await startFixture('deadlocked_semaphore.py', { runtime });
    vi.stubEnv('PATH', folder);
    try {
      const diagnosis = await hung(server, 2, { inject: true });
      expect(diagnosis.decided).toBe(false);
      expect(diagnosis.evidence.join('\n')).toMatch(/apt-get install gdb/);
      expect(diagnosis.evidence.join('\n')).toMatch(/pip install py-spy/);
    } finally {
      vi.unstubAllEnvs();
    }
  });
});

/** What injecting could leave behind. */
function inFolder(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('hanglab-inject-'));
}
