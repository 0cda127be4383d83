/** The commands: what each is for, and where it is. Loaded when asked for: help starts in a moment. */
import type { Command } from 'commander';
import type { CommandContext } from './shared/context.ts';

export interface CommandEntry {
  about: string;
  load(): Promise<(context: CommandContext) => Command>;
}

export const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  diagnose: {
    about: 'name why and where a process of this machine hangs; it is left as it was found',
    load: async () => (await import('./diagnose/diagnose.ts')).diagnoseCommand,
  },
  run: {
    about: 'run scenarios against a server and print verdicts',
    load: async () => (await import('./run/run.ts')).runCommand,
  },
  compare: {
    about: 'run scenarios on two versions of a server: what is fixed, what broke',
    load: async () => (await import('./compare/compare.ts')).compareCommand,
  },
  list: {
    about: 'show the scenarios, and the variants of the server',
    load: async () => (await import('./list.ts')).listCommand,
  },
  matrix: {
    about: 'run every defect against its scenario, and the healthy server against all of them',
    load: async () => (await import('./matrix.ts')).matrixCommand,
  },
  repro: {
    about: 'reproduce a reported hang: the hang, each proposed fix, the healthy server',
    load: async () => (await import('./repro.ts')).reproCommand,
  },
  profile: {
    about: 'run a scenario with the server under NodeClinic, and keep the page that it draws',
    load: async () => (await import('./profile.ts')).profileCommand,
  },
  target: {
    about: 'start the bundled server and its scripted model, and keep them until Ctrl-C',
    load: async () => (await import('./target.ts')).targetCommand,
  },
  model: {
    about: 'serve a scripted model until Ctrl-C, for any client of OpenAI, Anthropic or Ollama',
    load: async () => (await import('./model.ts')).modelCommand,
  },
  toxiproxy: {
    about: "serve Toxiproxy's protocol until Ctrl-C, for any of its clients",
    load: async () => (await import('./toxiproxy.ts')).toxiproxyCommand,
  },
  setup: {
    about: 'install the real Toxiproxy by `go install` into the cache, for --toxiproxy binary',
    load: async () => (await import('./setup.ts')).setupCommand,
  },
  env: {
    about: 'show what this machine can and cannot run, and how to get the rest',
    load: async () => (await import('./env/env.ts')).envCommand,
  },
};
