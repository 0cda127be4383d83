import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import type { Compression } from '../../chat/compression.ts';
import type { Parts } from '../../parts.ts';
import { defect } from '../defect.ts';

const NAME = 'timeout-without-cancel';

interface Work {
  name: typeof NAME;
  url: string;
  model: string;
  user: string;
  transcript: string;
}

export default defect({
  why: 'A turn stops waiting for its compressed history in time, but the thread behind it goes on.',
  parts: () => ({ compression: (parts) => uncancelledCompression(parts) }),
});

function uncancelledCompression({ config, sessions, log }: Parts): Compression {
  const running = new Map<string, Promise<void>>();
  return {
    start(session) {
      const { id, messages } = session;
      const upTo = messages.length - 4;
      const transcript = messages.slice(0, upTo).map(({ text }) => text);
      const work: Work = {
        name: NAME,
        url: `${config.modelUrl}/chat/completions`,
        model: config.model,
        user: id,
        transcript: transcript.join('\n').slice(-32_000),
      };
      const thread = new Worker(new URL(import.meta.url), { workerData: work });
      const done = once(thread, 'message').then(
        async ([text]) => {
          const at = new Date().toISOString();
          await sessions.append(id, [{ type: 'summary', upTo, text, at }]);
        },
        (err) => log.warn({ event: 'not-compressed', err }),
      );
      running.set(id, done);
    },
    async settled(sessionId) {
      const done = running.get(sessionId);
      if (!done) return;
      await Promise.race([done, sleep(config.compressionMs)]);
      running.delete(sessionId);
    },
    stop() {},
  };
}

/** In the thread: asks the model, and waits without a limit. */
async function work({ url, model, user, transcript }: Work): Promise<void> {
  const messages = [
    { role: 'system', content: 'Summarise the conversation in a few sentences.' },
    { role: 'user', content: transcript },
  ];
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, user, messages }),
  });
  const answer = (await response.json()) as { choices: { message: { content: string } }[] };
  parentPort?.postMessage(answer.choices[0]?.message.content ?? '');
}

if (!isMainThread && workerData?.name === NAME) await work(workerData);
