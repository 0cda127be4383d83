/** `hanglab model`: the scripted model alone, for any client and any server. */
import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import type { ModelEvent } from '../llm/delivery/exchange.ts';
import { parseRules, type Rule } from '../llm/rules/rules.ts';
import { createModelServer, DEFAULT_PACE } from '../llm/server/server.ts';
import { EXIT, HanglabError, messageOf } from '../platform/errors.ts';
import { aborted } from '../platform/wait.ts';
import { parseModelOptions, type RawModelOptions } from './model-options.ts';
import type { CommandContext } from './shared/context.ts';
import { type Output, output } from './shared/output.ts';

export function modelCommand(context: CommandContext): Command {
  return new Command('model')
    .description('serve a scripted model (OpenAI, Anthropic, Ollama and others) until Ctrl-C')
    .option('--port <n>', 'the port, 0 for any free one', '9001')
    .option('--host <host>', 'where it listens', '127.0.0.1')
    .option(
      '--upstream <name=port>',
      'a further port, which rules call by this name; may be given several times',
      (text: string, before: string[] = []) => [...before, text],
    )
    .option('--rules <file>', 'JSON: what it does wrong, to which requests (see docs/model.md)')
    .option('--seed <n>', 'of ids, and of what a schema leaves to chance', '1')
    .option('--ttft <ms>', 'until the first byte of an answer', String(DEFAULT_PACE.ttftMs))
    .option('--tokens-per-second <n>', 'of a stream', String(DEFAULT_PACE.tokensPerSecond))
    .option('--tokens-per-event <n>', 'in a stream', '1')
    .option('--answer-tokens <n>', 'make every answer in text exactly so long')
    .option('--api-key <key>', 'answer 401 to any other')
    .option('--tls', 'speak TLS, with a certificate that is made at the start')
    .option('--record <url>', 'pass requests on to a real model, and record them')
    .option('--to <file>', 'where to record')
    .option('--replay <file>', 'answer from a recording')
    .option('--time-scale <x>', 'replay so many times as slowly; 0 for at once', '1')
    .option('--log', 'a line for each request, on standard error')
    .option('--json', 'where it listens, as JSON')
    .action((raw: RawModelOptions) => serve(raw, context));
}

async function serve(raw: RawModelOptions, { interrupts, exitWith }: CommandContext) {
  const options = parseModelOptions(raw);
  const out = output({ json: options.json });
  const { record, replay } = options;
  if (record) {
    // Its HTTP client takes 15 MB, which a model that answers itself has no use for.
    const { startRecorder } = await import('../llm/record/recorder.ts');
    await using recorder = await startRecorder({ ...options.server, ...record });
    announce(out, options.json, recorder.url, { recording: record.url, to: record.file });
    await aborted(interrupts.signal);
    const count = recorder.recorded();
    out.line(`${count} ${count === 1 ? 'exchange' : 'exchanges'} recorded in ${record.file}`);
    return exitWith(EXIT.pass);
  }
  const rules = raw.rules === undefined ? [] : await readRules(raw.rules);
  const replaying = replay ? await answersFrom(replay.file, replay.timeScale) : undefined;
  await using model = await createModelServer({
    ...options.server,
    rules,
    ...(replaying ? { answerFrom: replaying } : {}),
    ...(options.log ? { onEvent: logger() } : {}),
  });
  const { url, port, upstreams, certificate } = model;
  announce(out, options.json, url, { port, pid: process.pid, upstreams, certificate });
  await aborted(interrupts.signal);
  exitWith(EXIT.pass);
}

async function answersFrom(file: string, timeScale: number) {
  const { readRecording } = await import('../llm/record/recording.ts');
  const { replayFrom } = await import('../llm/record/replay.ts');
  return replayFrom(await readRecording(file), timeScale);
}

async function readRules(file: string): Promise<Rule[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new HanglabError('bad-rules', `--rules ${file}: cannot read it: ${messageOf(error)}`);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new HanglabError('bad-rules', `--rules ${file}: this is not JSON: ${messageOf(error)}`);
  }
  return parseRules(json);
}

function announce(out: Output, json: boolean, url: string, about: Record<string, unknown>): void {
  if (json) {
    out.result(JSON.stringify({ url, ...about }));
    return;
  }
  const origin = url.replace(/\/v1$/, '');
  out.line(`The scripted model listens at ${origin}. For your server:`);
  out.line();
  out.line(`  OPENAI_BASE_URL=${url}  OPENAI_API_KEY=any`);
  out.line(`  ANTHROPIC_BASE_URL=${origin}  ANTHROPIC_API_KEY=any`);
  out.line(`  OLLAMA_HOST=${origin}`);
  for (const [name, upstream] of Object.entries((about.upstreams ?? {}) as Upstreams)) {
    out.line(`  upstream ${name}: ${upstream.url}`);
  }
  out.line();
  if (typeof about.recording === 'string') {
    out.line(`Requests go on to ${about.recording}, and are recorded in ${about.to}.`);
  } else {
    out.line(`  curl ${origin}/_hanglab/requests             what is in flight, what has ended`);
    out.line(`  curl -T rules.json ${origin}/_hanglab/rules  other rules, from now on`);
    out.line();
  }
  out.line('Ctrl-C ends it.');
}

type Upstreams = Record<string, { url: string }>;

/** A line for each request that has ended. */
function logger(): (event: ModelEvent) => void {
  const open = new Map<number, Extract<ModelEvent, { kind: 'model-start' }>>();
  return (event) => {
    if (event.kind === 'model-start') open.set(event.id, event);
    if (event.kind !== 'model-end') return;
    const start = open.get(event.id);
    open.delete(event.id);
    if (!start) return;
    const tookMs = Math.round(event.atMs - start.atMs);
    const words = [
      JSON.stringify(start.path).slice(1, -1),
      start.upstream ?? '',
      start.streamed ? 'stream' : '',
      event.status,
      event.ending,
      `${tookMs} ms`,
      `${event.bytes} bytes`,
    ];
    process.stderr.write(`${words.filter((word) => word !== '').join('  ')}\n`);
  };
}
