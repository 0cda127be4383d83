/**
 * The scripted model's own process, forked by `start.ts`: it takes commands from its parent, and ends
 * with it. By hand it is started with `hanglab model`.
 */
import { EXIT, HanglabError, messageOf } from '../platform/errors.ts';
import type { ModelEvent } from './delivery/exchange.ts';
import type { FromModel, Started, ToModel } from './process-messages.ts';
import { createModelServer, type ModelServer } from './server/server.ts';

/** Events are sent in batches of so many milliseconds: one message each would cost more than the work. */
const BATCH_MS = 20;

if (process.send) serveParent();
else {
  process.stderr.write('This file is for hanglab itself; start a model with: hanglab model\n');
  process.exitCode = EXIT.usage;
}

function serveParent(): void {
  let server: ModelServer | undefined;
  let events: ModelEvent[] = [];
  let timer: NodeJS.Timeout | undefined;

  const send = (message: FromModel): void => {
    if (process.connected) process.send?.(message, undefined, undefined, () => {});
  };
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (events.length > 0) send({ events });
    events = [];
  };
  const onEvent = (event: ModelEvent): void => {
    events.push(event);
    timer ??= setTimeout(flush, BATCH_MS);
  };

  const handleCommand = async (message: ToModel): Promise<unknown> => {
    if (message.do === 'start') {
      server = await createModelServer({ ...message.options, onEvent });
      const { url, port, upstreams, certificate } = server;
      return { url, port, upstreams, certificate } satisfies Started;
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
    handleCommand(message)
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
        send(answer);
      });
  });
  // The parent has disconnected, or was killed: without it nobody reads the model's events.
  process.on('disconnect', () => process.exit(0));
}
