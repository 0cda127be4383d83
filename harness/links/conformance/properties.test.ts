/**
 * Whatever toxics come and go on the embedded server, whatever the sizes and timings: bytes are
 * never lost where nothing says so, never reordered, doubled or invented; and both ends learn of the
 * end.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEmbeddedServer } from '../embedded/server.ts';
import { tellingBytes } from './bytes.ts';
import { joinThrough, type Pair } from './pair.ts';
import type { TestedServer } from './servers.ts';

/** Far above what a run takes; a run that hangs is a defect, and fails by this. */
const BOUND_MS = 15_000;

/** A run that hangs takes its whole bound: to try smaller ones would take longer than the test may. */
const RUNS = { numRuns: 60, endOnFailure: true };

const side = fc.constantFrom('client' as const, 'server' as const);
const stream = fc.constantFrom('upstream', 'downstream');
const toxicity = fc.constantFrom(0, 0.5, 1);
const number = (min: number, max: number) => fc.integer({ min, max });

function toxicOf(type: string, attributes: Record<string, fc.Arbitrary<number>>) {
  return fc.record({
    type: fc.constant(type),
    stream,
    toxicity,
    attributes: fc.record(attributes),
  });
}

/** Toxics that lose nothing. */
const harmless = fc.oneof(
  toxicOf('latency', { latency: number(0, 60), jitter: number(0, 60) }),
  toxicOf('latency', { latency: fc.constant(60_000) }),
  toxicOf('bandwidth', { rate: fc.constantFrom(0, 1, 200, 5_000, 1_000_000) }),
  toxicOf('slicer', {
    average_size: number(50, 5_000),
    size_variation: number(0, 50),
    delay: fc.constantFrom(0, 100, 2_000),
  }),
  toxicOf('slow_close', { delay: number(0, 50) }),
  toxicOf('stall', { after: number(0, 20_000), duration: number(0, 50), bytes: number(0, 20_000) }),
  toxicOf('half_close', {}),
  toxicOf('noop', {}),
);

/** Toxics that cut a stream short, at an end or at the first byte lost. */
const cutting = fc.oneof(
  toxicOf('limit_data', { bytes: number(0, 100_000) }),
  toxicOf('timeout', { timeout: fc.constantFrom(0, 5, 30) }),
  toxicOf('cut_event', { events: fc.constant(0), bytes: number(0, 50_000) }),
);

const step = (toxic: typeof harmless) =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant('send' as const), side, bytes: number(1, 90_000) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('send' as const), side, bytes: number(1, 3_000_000) }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('pause' as const), ms: number(0, 15) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('add' as const), toxic }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('remove' as const), which: number(0, 9) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('change' as const), which: number(0, 9), toxicity }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('stop reading' as const), side }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('read on' as const), side }) },
  );

type Step = ReturnType<typeof step> extends fc.Arbitrary<infer T> ? T : never;

/** Does the steps; what each side has sent grows in `sent`. */
async function doAll(pair: Pair, steps: Step[], sent: Record<'client' | 'server', Buffer>) {
  const names: string[] = [];
  let added = 0;
  for (const one of steps) {
    if (one.do === 'send') {
      const before = sent[one.side];
      const whole = tellingBytes(before.length + one.bytes, one.side === 'client' ? 1 : 2);
      pair[one.side].send(whole.subarray(before.length));
      sent[one.side] = whole;
    } else if (one.do === 'pause') {
      await new Promise((resolve) => setTimeout(resolve, one.ms));
    } else if (one.do === 'add') {
      const name = `t${++added}`;
      await pair.proxy.add({ ...one.toxic, name });
      names.push(name);
    } else if (one.do === 'remove') {
      const [name] = names.splice(one.which % Math.max(1, names.length), 1);
      if (name !== undefined) await pair.proxy.remove(name);
    } else if (one.do === 'change') {
      const name = names[one.which % Math.max(1, names.length)];
      const change = { toxicity: one.toxicity };
      if (name !== undefined) await pair.proxy.api('PATCH', `/toxics/${name}`, change);
    } else if (one.do === 'stop reading') {
      pair[one.side].socket.pause();
    } else {
      pair[one.side].socket.resume();
    }
  }
  pair.client.socket.resume();
  pair.server.socket.resume();
  return names;
}

async function within<T>(what: string, promise: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${what}: not within ${BOUND_MS} ms`)), BOUND_MS);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Nothing of the connection is left in the server once both ends have gone. */
async function allClosed(pair: Pair): Promise<void> {
  pair.client.socket.destroy();
  pair.server.socket.destroy();
  await within(
    'both sockets closed',
    (async () => {
      for (;;) {
        const { text } = await pair.proxy.api('GET', '/connections');
        if (!(JSON.parse(text) as { open: boolean }[]).some(({ open }) => open)) return;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })(),
  );
}

let server: TestedServer;
beforeAll(async () => {
  server = await startEmbeddedServer({ port: 0, seed: 1, extras: true });
});
afterAll(() => server[Symbol.asyncDispose]());

test('toxics that lose nothing lose nothing', { timeout: 60_000 }, async () => {
  const run = async (steps: Step[], last: 'client' | 'server', how: 'finish' | 'reset') => {
    await using pair = await joinThrough(server.url);
    const sent = { client: Buffer.alloc(0), server: Buffer.alloc(0) };
    for (const name of await doAll(pair, steps, sent)) await pair.proxy.remove(name);
    await within('all bytes', pair.client.until(sent.server.length));
    await within('all bytes', pair.server.until(sent.client.length));
    expect(pair.client.received.equals(sent.server)).toBe(true);
    expect(pair.server.received.equals(sent.client)).toBe(true);
    expect([pair.client.hasEnded, pair.server.hasEnded]).toEqual([false, false]);
    pair[last][how]();
    await within('the end', pair[last === 'client' ? 'server' : 'client'].ended);
    if (how === 'finish') await within('the own end', pair[last].ended);
    await allClosed(pair);
  };
  const steps = fc.array(step(harmless), { maxLength: 25 });
  const how = fc.constantFrom('finish' as const, 'reset' as const);
  // Some begin with all buffers full, because the other side does not read.
  const full = side.map((writer): Step[] => [
    { do: 'stop reading', side: writer === 'client' ? 'server' : 'client' },
    { do: 'send', side: writer, bytes: 8_000_000 },
    { do: 'pause', ms: 50 },
  ]);
  const begin = fc.oneof({ weight: 2, arbitrary: fc.constant<Step[]>([]) }, full);
  const all = fc.tuple(begin, steps).map(([first, rest]) => [...first, ...rest]);
  await fc.assert(fc.asyncProperty(all, side, how, run), RUNS);
});

test('toxics that cut a stream let a beginning of it pass, and both ends learn of it', {
  timeout: 60_000,
}, async () => {
  const run = async (steps: Step[]) => {
    await using pair = await joinThrough(server.url);
    const sent = { client: Buffer.alloc(0), server: Buffer.alloc(0) };
    const names = await doAll(pair, steps, sent);
    pair.client.finish();
    pair.server.finish();
    for (const name of names) await pair.proxy.remove(name);
    await within('the end', Promise.all([pair.client.ended, pair.server.ended]));
    await allClosed(pair);
    const { client, server: upstream } = pair;
    expect(sent.server.subarray(0, client.received.length).equals(client.received)).toBe(true);
    expect(sent.client.subarray(0, upstream.received.length).equals(upstream.received)).toBe(true);
  };
  // A toxic that has cut and then is switched off by its toxicity lets the rest pass: not here.
  const steps = fc
    .array(step(fc.oneof(harmless, cutting)), { maxLength: 25 })
    .map((all) => all.filter((one) => one.do !== 'change'));
  await fc.assert(fc.asyncProperty(steps, run), RUNS);
});
