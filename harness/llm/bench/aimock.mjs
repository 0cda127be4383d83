// The other side of the benchmark, in a process of its own: aimock with one answer, at one pace.
// node aimock.mjs FOLDER TEXT LATENCY_MS CHUNK_SIZE
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [folder, text, latency, chunkSize] = process.argv.slice(2);
const require = createRequire(join(folder, 'package.json'));
const { LLMock } = await import(require.resolve('@copilotkit/aimock'));
const mock = new LLMock({ port: 0, latency: Number(latency), chunkSize: Number(chunkSize) });
mock.onMessage(/.*/, { content: text });
await mock.start();
process.stdout.write(`${JSON.stringify({ url: `${mock.url}/v1`, pid: process.pid })}\n`);
