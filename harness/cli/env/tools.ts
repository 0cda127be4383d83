/** Programs that hanglab uses where they are: each is asked for its version. */
import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { homedir } from 'node:os';
import { findBinary, TOXIPROXY_VERSION } from '../../links/binary-path.ts';
import type { Capability } from './capability.ts';

/** A Docker whose engine hangs does not answer at all. */
const ANSWER_MS = 5000;

interface Tool {
  name: string;
  /** The first of these that is there is asked. */
  commands: readonly string[];
  versionArgs: readonly string[];
  servesFor: string;
  hint: string;
}

export async function toolCapabilities(signal: AbortSignal): Promise<Capability[]> {
  const toxiproxy = await findBinary();
  const tools: Tool[] = [
    {
      name: 'toxiproxy-server',
      commands: toxiproxy ? [toxiproxy] : [],
      versionArgs: ['-version'],
      servesFor: '--toxiproxy binary (the default, embedded, needs nothing)',
      hint: `hanglab setup (needs Go), or toxiproxy-server ${TOXIPROXY_VERSION} on the PATH`,
    },
    {
      name: 'Docker engine',
      commands: ['docker'],
      versionArgs: ['version', '--format', '{{.Server.Version}}'],
      servesFor: '--toxiproxy docker',
      hint: 'install Docker, start its engine, and be allowed to use its socket (group docker)',
    },
    {
      name: 'Go',
      commands: ['go'],
      versionArgs: ['version'],
      servesFor: 'hanglab setup, which builds toxiproxy-server',
      hint: 'https://go.dev/dl, 1.22 or newer',
    },
    {
      name: 'py-spy',
      commands: ['py-spy'],
      versionArgs: ['--version'],
      servesFor: 'stacks of Python processes',
      hint: 'pip install py-spy',
    },
    {
      name: 'eu-stack',
      commands: ['eu-stack'],
      versionArgs: ['--version'],
      servesFor: 'native stacks, with the least pause',
      hint: 'apt-get install elfutils',
    },
    {
      name: 'gdb',
      commands: ['gdb'],
      versionArgs: ['--version'],
      servesFor: 'native stacks; asyncio tasks of Python processes (diagnose --inject)',
      hint: 'apt-get install gdb',
    },
    {
      name: 'Delve',
      commands: ['dlv'],
      versionArgs: ['version'],
      servesFor: 'goroutines of Go processes',
      hint: 'go install github.com/go-delve/delve/cmd/dlv@latest',
    },
    {
      name: 'jcmd',
      commands: ['jcmd'],
      versionArgs: ['-h'],
      servesFor: 'threads and locks of Java processes',
      hint: 'apt-get install default-jdk-headless',
    },
    {
      name: 'Chromium',
      commands: [...chromiumCommands()],
      versionArgs: ['--version'],
      servesFor: 'clients that are real pages',
      hint: 'npx playwright install chromium, or apt-get install chromium',
    },
  ];
  return Promise.all(tools.map((tool) => look(tool, signal)));
}

function* chromiumCommands(): Generator<string> {
  if (process.env.CHROME_PATH) yield process.env.CHROME_PATH;
  yield* ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const cache = process.env.PLAYWRIGHT_BROWSERS_PATH ?? `${homedir()}/.cache/ms-playwright`;
  yield* globSync(`${cache}/chromium-*/chrome-linux*/chrome`);
}

async function look({ name, commands, ...tool }: Tool, signal: AbortSignal): Promise<Capability> {
  const { servesFor, hint } = tool;
  for (const command of commands) {
    const answer = await ask(command, tool.versionArgs, signal);
    if (answer !== null) return { name, ...answer, servesFor, hint };
  }
  return { name, ok: false, found: 'not found', servesFor, hint };
}

/** null when there is no such program. */
function ask(
  command: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<{ ok: boolean; found: string } | null> {
  return new Promise((resolve) => {
    const options = { timeout: ANSWER_MS, killSignal: 'SIGKILL', signal } as const;
    execFile(command, [...args], options, (error, stdout, stderr) => {
      const said = `${stdout}\n${stderr}`.split('\n').find((line) => line.trim() !== '');
      const line = (said ?? '').trim().slice(0, 80);
      // A line without a figure is a usage text.
      if (!error) return resolve({ ok: true, found: /\d/.test(line) ? line : 'it is there' });
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return resolve(null);
      const why = error.killed ? `no answer within ${ANSWER_MS / 1000} s` : line || error.message;
      resolve({ ok: false, found: `cannot be used: ${why}` });
    });
  });
}
