/** How the tasks inside a target are counted, as a config declares it. */
import { jsonAnswer, read } from '../operations/json-path.ts';
import type { TaskSource } from '../task-source.ts';
import type { TasksConfig } from './config.ts';

export function buildTasks({ get, headers = {}, count }: TasksConfig): TaskSource {
  return {
    name: `GET ${get}`,
    async read({ host, port }, signal) {
      const response = await fetch(`http://${host}:${port}${get}`, { headers, signal });
      const text = await response.text();
      const found = read(count, jsonAnswer({ status: response.status, headers: {}, text }));
      return typeof found === 'number' && Number.isFinite(found) ? found : null;
    },
  };
}
