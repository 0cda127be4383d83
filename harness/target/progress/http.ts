/** Progress by numbers in a JSON answer. */
import type { HttpProgressConfig } from '../config/config.ts';
import { jsonAnswer, read } from '../operations/json-path.ts';
import { type ProgressSource, progressOf } from './source.ts';

export function httpProgress(config: HttpProgressConfig): ProgressSource {
  return {
    name: `GET ${config.get}`,
    async read({ host, port }, signal) {
      const url = `http://${host}:${port}${config.get}`;
      const response = await fetch(url, { headers: config.headers ?? {}, signal });
      const text = await response.text();
      const answer = jsonAnswer({ status: response.status, headers: {}, text });
      return progressOf(config, (reading) => read(reading, answer) ?? null);
    },
  };
}
