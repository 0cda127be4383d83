/** A parent for `start.test.ts` to kill: starts a model, prints where it is, and stays. */
import { startScriptedModel } from './start.ts';

const model = await startScriptedModel({ seed: 1, onEvent: () => {} });
process.stdout.write(`${JSON.stringify({ pid: model.pid, port: model.port })}\n`);
setInterval(() => {}, 60_000);
