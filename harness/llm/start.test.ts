import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import OpenAI from 'openai';
import { expect, onTestFinished, test } from 'vitest';
import { monotonicMs } from '../platform/clock.ts';
import type { ModelEvent } from './delivery/exchange.ts';
import { type ModelExit, startScriptedModel } from './start.ts';

const until = (what: () => unknown) => expect.poll(what, { timeout: 20_000, interval: 20 });
const TIMEOUT_MS = 60_000;
const input = { model: 'e', input: 'The pump starts at dawn.' };

/** Whether process `pid` has ended; one that only its parent has not buried yet has. */
function hasEnded(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}

async function listens(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port });
  const connected = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return connected;
}

async function start(over: Partial<Parameters<typeof startScriptedModel>[0]> = {}) {
  const events: ModelEvent[] = [];
  const model = await startScriptedModel({
    seed: 1,
    onEvent: (event) => events.push(event),
    ...over,
  });
  const client = new OpenAI({ baseURL: model.url, apiKey: 'any', maxRetries: 0 });
  return { model, client, events, [Symbol.asyncDispose]: () => model[Symbol.asyncDispose]() };
}

test(
  'a model in its own process is scripted, healed, released, counted and heard of',
  async () => {
    const beforeMs = monotonicMs();
    await using running = await start();
    const { model, client, events } = running;
    expect(model.pid).not.toBe(process.pid);
    expect(model.certificate).toBeNull();
    expect(model.url).toBe(`http://127.0.0.1:${model.port}/v1`);

    await model.script([
      { when: { operation: 'embeddings' }, behaviour: { name: 'held', holdHeaders: true } },
      { when: { operation: 'models' }, behaviour: { name: 'idle', status: 500 } },
    ]);
    expect(await model.hits()).toEqual({ held: 0, idle: 0 });
    const held = client.embeddings.create({ ...input, user: 'd1' });
    await until(() => events.some(({ kind }) => kind === 'model-silent')).toBe(true);

    await model.heal();
    expect((await client.embeddings.create(input)).data).toHaveLength(1);
    expect(await model.hits()).toEqual({ held: 1, idle: 0 });
    await model.release();
    expect((await held).data).toHaveLength(1);

    await until(() => events.filter(({ kind }) => kind === 'model-end').length).toBe(2);
    expect(events[0]).toMatchObject({
      kind: 'model-start',
      operation: 'embeddings',
      subject: 'd1',
    });
    // One clock for both processes: its instants lie between our own.
    const instants = events.map(({ atMs }) => atMs);
    expect(Math.min(...instants)).toBeGreaterThan(beforeMs);
    expect(Math.max(...instants)).toBeLessThan(monotonicMs());
    expect(instants).toEqual(instants.toSorted((a, b) => a - b));
  },
  TIMEOUT_MS,
);

test(
  'a port for each upstream, and rules from the start',
  async () => {
    await using running = await start({
      upstreams: { planner: 0, search: 0 },
      rules: [{ when: { upstream: 'search' }, behaviour: { name: 'down', status: 500 } }],
    });
    const { model, events } = running;
    expect(Object.keys(model.upstreams)).toEqual(['planner', 'search']);
    const status = async (url = '') => (await fetch(`${url}/models`)).status;
    const { planner, search } = model.upstreams;
    expect(await status(model.url)).toBe(200);
    expect(await status(planner?.url)).toBe(200);
    expect(await status(search?.url)).toBe(500);
    await until(() => events.filter(({ kind }) => kind === 'model-end').length).toBe(3);
    const starts = events.filter(({ kind }) => kind === 'model-start');
    expect(starts).toMatchObject([
      { upstream: null },
      { upstream: 'planner' },
      { upstream: 'search' },
    ]);
    await expect(
      model.script([{ when: { upstream: 'serch' }, behaviour: { name: 'x' } }]),
    ).rejects.toMatchObject({
      code: 'bad-rules',
      message: expect.stringContaining('planner, search'),
    });
  },
  TIMEOUT_MS,
);

test(
  'bad rules are refused before they are sent',
  async () => {
    await using running = await start();
    await expect(
      running.model.script([{ behaviour: { name: 'x', finAfterTokens: -1 } }]),
    ).rejects.toMatchObject({ code: 'bad-rules' });
  },
  TIMEOUT_MS,
);

test(
  'disposing ends the process, and the last events still come',
  async () => {
    const { model, client, events } = await start();
    await model.script([{ behaviour: { name: 'held', holdHeaders: true } }]);
    const held = client.embeddings.create(input);
    held.catch(() => {});
    await until(() => events.some(({ kind }) => kind === 'model-silent')).toBe(true);
    await model[Symbol.asyncDispose]();
    await expect(held).rejects.toThrow();
    expect(events.at(-1)).toMatchObject({ kind: 'model-end', ending: 'shutdown' });
    expect(hasEnded(model.pid)).toBe(true);
    await until(() => listens(model.port)).toBe(false);
    await model[Symbol.asyncDispose]();
  },
  TIMEOUT_MS,
);

test(
  'a paused model is ended all the same',
  async () => {
    let unexpected: ModelExit | undefined;
    const { model } = await start({ onExit: (exit) => (unexpected = exit) });
    process.kill(model.pid, 'SIGSTOP');
    await model[Symbol.asyncDispose]();
    expect(hasEnded(model.pid)).toBe(true);
    expect(unexpected).toBeUndefined();
  },
  TIMEOUT_MS,
);

test(
  'an unexpected death is reported, and a pending question is rejected',
  async () => {
    const exits: ModelExit[] = [];
    await using running = await start({ onExit: (exit) => exits.push(exit) });
    const { model } = running;
    process.kill(model.pid, 'SIGSTOP');
    const asked = model.hits();
    process.kill(model.pid, 'SIGKILL');
    await expect(asked).rejects.toMatchObject({ code: 'model-died' });
    await until(() => exits).toEqual([{ code: null, signal: 'SIGKILL', lastWords: '' }]);
    await expect(model.heal()).rejects.toMatchObject({
      code: 'model-died',
      message: expect.stringContaining('SIGKILL'),
    });
  },
  TIMEOUT_MS,
);

test(
  'an aborted signal ends it, and keeps it from starting',
  async () => {
    const controller = new AbortController();
    await using running = await start({ signal: controller.signal });
    const { model } = running;
    controller.abort();
    await until(() => hasEnded(model.pid)).toBe(true);
    await expect(start({ signal: controller.signal })).rejects.toThrow('aborted');
  },
  TIMEOUT_MS,
);

test(
  'a busy port is named',
  async () => {
    await using running = await start();
    const { port } = running.model;
    await expect(start({ port })).rejects.toMatchObject({
      code: 'port-busy',
      message: expect.stringContaining(`127.0.0.1:${port}`),
    });
  },
  TIMEOUT_MS,
);

test(
  'kill -9 of its parent ends the model',
  async () => {
    const fixture = fileURLToPath(new URL('./model-parent.fixture.ts', import.meta.url));
    const parent = spawn(process.execPath, [fixture], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(createInterface(parent.stdout), 'line');
    const { pid, port } = JSON.parse(line) as { pid: number; port: number };
    onTestFinished(() => {
      if (!hasEnded(pid)) process.kill(pid, 'SIGKILL');
    });
    expect(await listens(port)).toBe(true);
    parent.kill('SIGKILL');
    await until(() => hasEnded(pid)).toBe(true);
    await until(() => listens(port)).toBe(false);
  },
  TIMEOUT_MS,
);
