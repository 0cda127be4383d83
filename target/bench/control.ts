/** A control server that does nothing, in a separate process: its latency is the machine's. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const SOURCE = `require('node:http').createServer((_, r) => r.end('ok')).listen(0, '127.0.0.1', function () {
  console.log(this.address().port);
})`;

export async function startControl(): Promise<AsyncDisposable & { url: string }> {
  const child = spawn(process.execPath, ['-e', SOURCE], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = await once(createInterface(child.stdout), 'line');
  return {
    url: `http://127.0.0.1:${port}/health`,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/** Requests `url` every `everyMs` until stopped, and returns each latency from the intended send time. */
export function probe(url: string, everyMs = 25): { stop(): Promise<number[]> } {
  const startedAt = performance.now();
  const answers: Promise<number>[] = [];
  const timer = setInterval(() => {
    const due = startedAt + everyMs * (answers.length + 1);
    const limit = AbortSignal.timeout(10_000);
    const answer = fetch(url, { signal: limit, headers: { connection: 'close' } })
      .then((response) => response.text())
      .catch(() => null);
    answers.push(answer.then(() => Math.max(0, performance.now() - due)));
  }, everyMs);
  return {
    stop() {
      clearInterval(timer);
      return Promise.all(answers);
    },
  };
}
