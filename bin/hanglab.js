#!/usr/bin/env node
// Plain JavaScript, because the Node that starts it may be too old for everything else.
// In a checkout it runs the TypeScript as it is; installed from npm it runs dist/. On an older Node it
// starts again under the Node that comes with the project, or says what to install.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const built = new URL('../dist/harness/cli/main.js', import.meta.url);
const source = new URL('../harness/cli/main.ts', import.meta.url);
const entry = existsSync(source) ? source : built;

/**
 * For what holds many connections for long: new objects take 2 MB at most before they are collected (8
 * in a model, which makes more of them), where it would be 32. Node reads this when it starts, and
 * never again.
 */
const LEAN = { toxiproxy: ['--max-semi-space-size=1'], model: ['--max-semi-space-size=4'] };
const command = process.argv[2] ?? '';
const options = Object.hasOwn(LEAN, command) ? LEAN[command] : [];

if (process.env.npm_lifecycle_event === 'npx') endWithParent();

const [major, minor] = process.versions.node.split('.').map(Number);
const newEnough = major > 22 || (major === 22 && minor >= 18);

if (newEnough) {
  keepCompiled();
  const { main } = await import(entry.href);
  if (options.some((option) => !process.execArgv.includes(option))) await becomeLean();
  await main(process.argv.slice(2));
} else {
  startAgain(ownNode());
}

/**
 * npx starts a shell, and the shell starts us. SIGTERM to npx ends these two, and nobody tells us: what
 * tells is that we have another parent.
 */
function endWithParent() {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, 250);
  timer.unref();
}

/**
 * What was compiled once need not be again, nor its types be stripped: half the time to start, and 35 MB
 * less in each process that lasts. Where the folder cannot be written, nothing is kept.
 */
function keepCompiled() {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  module.enableCompileCache(process.env.NODE_COMPILE_CACHE ?? join(cache, 'hanglab', 'compiled'));
}

/** The same process once more, with the options that it must be started with, and nothing compiled twice. */
async function becomeLean() {
  // A channel to whoever started us would not outlive it; before 22.15 there is no such call.
  if (process.env.NODE_CHANNEL_FD || !process.execve) return;
  await import(new URL(`${command}${entry.href.slice(-3)}`, entry).href);
  module.flushCompileCache();
  const args = [...process.execArgv, ...options, fileURLToPath(import.meta.url)];
  process.execve(process.execPath, [process.execPath, ...args, ...process.argv.slice(2)]);
}

function ownNode() {
  try {
    const path = createRequire(import.meta.url).resolve('node/bin/node');
    if (existsSync(path)) return path;
  } catch {
    // said below
  }
  process.stderr.write(
    `hanglab needs Node 22.18 or newer, and this is ${process.versions.node}.\n` +
      'Install a newer Node, or `npm install --save-dev node@24` in this project, and try again.\n',
  );
  process.exit(4);
}

/** The older Node only waits: signals go on to the child, and the child ends when we are killed. */
function startAgain(node) {
  const child = spawn(
    node,
    [...options, fileURLToPath(import.meta.url), ...process.argv.slice(2)],
    {
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, HANGLAB_WRAPPED: '1' },
    },
  );
  // A terminal sends Ctrl-C to both of us, a build server to us alone: the child tells these apart.
  process.on('SIGINT', () => child.connected && child.send('SIGINT'));
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGTERM' ? 143 : 5);
    process.removeAllListeners('SIGINT');
  });
}
