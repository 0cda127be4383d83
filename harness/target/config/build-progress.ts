/** How the progress of accepted work is read, as a config declares it. */
import type { Progress } from '../../history/events.ts';
import { jsonAnswer, read } from '../operations/json-path.ts';
import type { ProgressSource } from '../progress-source.ts';
import type { HttpProgressConfig, ProgressConfig } from './config.ts';

export function buildProgress(config: ProgressConfig): ProgressSource {
  if (typeof config === 'function') {
    return {
      name: 'a function of the config',
      read: ({ host, port }, signal) => config({ url: `http://${host}:${port}`, signal }),
    };
  }
  return {
    name: `GET ${config.get}`,
    async read({ host, port }, signal) {
      const url = `http://${host}:${port}${config.get}`;
      const response = await fetch(url, { headers: config.headers ?? {}, signal });
      const text = await response.text();
      const answer = { status: response.status, headers: {}, text };
      return progressFrom(config, jsonAnswer(answer));
    },
  };
}

function progressFrom(
  { open, done, givenUp }: HttpProgressConfig,
  answer: ReturnType<typeof jsonAnswer>,
): Progress | null {
  const counts = { open: read(open, answer), done: read(done, answer) };
  if (typeof counts.open !== 'number' || typeof counts.done !== 'number') return null;
  const lost = givenUp === undefined ? 0 : (read(givenUp, answer) ?? 0);
  return { open: counts.open, done: counts.done, givenUp: lost };
}
