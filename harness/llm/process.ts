/**
 * The scripted model's own process. Forked by `start.ts` it obeys its parent and ends with it; run by
 * hand, `node process.ts --port 9001`, it prints where it listens and serves until SIGTERM.
 */
import { parseArgs } from 'node:util';
import { EXIT, HanglabError, messageOf } from '../platform/errors.ts';
import type { ModelEvent } from './conversation.ts';
import type { FromModel, ToModel } from './protocol.ts';
import { createModelServer, type ModelServer } from './server.ts';

/** Events are told in batches of so many milliseconds: one message each would cost more than the work. */
const BATCH_MS = 20;

if (process.argv[2] === '--forked') serveParent();
else serveAlone().catch(fail);

function serveParent(): void {
  let server: ModelServer | undefined;
  let events: ModelEvent[] = [];
  let timer: NodeJS.Timeout | undefined;

  const tell = (message: FromModel): void => {
    if (process.connected) process.send?.(message, undefined, undefined, () => {});
  };
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (events.length > 0) tell({ events });
    events = [];
  };
  const onEvent = (event: ModelEvent): void => {
    events.push(event);
    timer ??= setTimeout(flush, BATCH_MS);
  };

  const obey = async (message: ToModel): Promise<unknown> => {
    if (message.do === 'start') {
      server = await createModelServer({ ...message.options, onEvent });
      return { url: server.url, port: server.port };
    }
    switch (message.do) {
      case 'script':
        return server?.script(message.rules);
      case 'release':
        return server?.release();
      case 'hits':
        return server?.hits();
      case 'stop':
        return server?.[Symbol.asyncDispose]();
    }
  };

  process.on('message', (message: ToModel) => {
    const { id: reply } = message;
    obey(message)
      .then(
        (value = null) => ({ reply, value }),
        (error) => ({
          reply,
          failure: {
            code: error instanceof HanglabError ? error.code : 'model-failed',
            message: messageOf(error),
          },
        }),
      )
      .then((answer: FromModel) => {
        flush();
        tell(answer);
      });
  });
  // The parent has let go, or was killed: without it nobody reads what this model tells.
  process.on('disconnect', () => process.exit(0));
}

async function serveAlone(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      host: { type: 'string', default: '127.0.0.1' },
      seed: { type: 'string', default: '1' },
    },
  });
  const server = await createModelServer({
    port: numberOf('port', values.port, 65_535),
    host: values.host,
    seed: numberOf('seed', values.seed, Number.MAX_SAFE_INTEGER),
  });
  const { url, port } = server;
  process.stdout.write(`${JSON.stringify({ url, port, pid: process.pid })}\n`);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => server[Symbol.asyncDispose]());
  }
}

function numberOf(name: string, text: string, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= max) return value;
  throw new HanglabError(
    'bad-option',
    `--${name} must be a whole number up to ${max}, not "${text}"`,
  );
}

function fail(error: unknown): void {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = error instanceof HanglabError ? error.exitCode : EXIT.usage;
}
