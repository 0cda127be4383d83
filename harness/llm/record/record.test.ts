import { mkdtempDisposable, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ANSWER, QUESTION, startModel } from '../clients/model.test-helper.ts';
import { startRecorder } from './recorder.ts';
import { type RecordedExchange, readRecording } from './recording.ts';
import { replayFrom } from './replay.ts';

const KEY = 'sk-proj-abcdefghijklmnop1234567890';
const clientOf = (url: string) => new OpenAI({ baseURL: url, apiKey: KEY, maxRetries: 0 });
const ask = (content: string) => ({ model: 'm', messages: [{ role: 'user' as const, content }] });

/** A chat, its stream and embeddings, asked of a model over a recorder. */
async function record(): Promise<{ file: string; text: string }> {
  const folder = await mkdtempDisposable(join(tmpdir(), 'hanglab-record-'));
  onTestFinished(() => folder.remove());
  const real = await startModel({
    pace: { ttftMs: 150, tokensPerSecond: 40 },
    answers: { answerTokens: 8 },
  });
  const file = join(folder.path, 'talk.ndjson');
  {
    await using recorder = await startRecorder({ url: real.url, file });
    const client = clientOf(recorder.url);
    await client.chat.completions.create(ask(`${QUESTION} My key is ${KEY}.`));
    const stream = await client.chat.completions.create({ ...ask(QUESTION), stream: true });
    for await (const _ of stream);
    await client.embeddings.create({ model: 'e', input: 'The pump starts' });
    await client.models.retrieve('none').catch(() => {});
    await expect.poll(recorder.recorded).toBe(4);
  }
  return { file, text: await readFile(file, 'utf8') };
}

async function replay(exchanges: readonly RecordedExchange[], timeScale = 0) {
  const model = await startModel({ answerFrom: replayFrom(exchanges, timeScale) });
  return { model, client: clientOf(model.url) };
}

const timeOf = async (action: () => Promise<unknown>): Promise<number> => {
  const startMs = performance.now();
  await action();
  return performance.now() - startMs;
};

test('what is recorded has no key in it, and is for its owner only', async () => {
  const { file, text } = await record();
  expect(text).not.toContain(KEY);
  expect(text).toContain('[redacted]');
  expect(text).not.toContain('authorization');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  await expect(startRecorder({ url: 'http://127.0.0.1:1', file })).rejects.toMatchObject({
    code: 'recording-exists',
  });
});

describe('a replay', () => {
  test('answers as it was answered, and refuses what was not asked', async () => {
    const { file } = await record();
    const { client } = await replay(await readRecording(file));
    const whole = await client.chat.completions.create(ask(`${QUESTION} My key is ${KEY}.`));
    expect(whole.usage?.completion_tokens).toBe(8);
    const stream = await client.chat.completions.create({ ...ask(QUESTION), stream: true });
    let tokens = 0;
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) tokens++;
    expect(tokens).toBe(8);
    expect(
      (await client.embeddings.create({ model: 'e', input: 'The pump starts' })).data[0]?.embedding,
    ).toHaveLength(256);
    await expect(client.models.retrieve('none')).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
    });
    // Another temperature, the same last message.
    const near = await client.chat.completions.create({
      ...ask(QUESTION),
      stream: true,
      temperature: 0.5,
    });
    for await (const _ of near);
    await expect(client.chat.completions.create(ask('Something else?'))).rejects.toMatchObject({
      status: 404,
      code: 'not_recorded',
    });
  });

  test('takes its time, or a multiple of it', async () => {
    const { file } = await record();
    const exchanges = await readRecording(file);
    const took = async (timeScale: number): Promise<number> => {
      const { client } = await replay(exchanges, timeScale);
      return timeOf(async () => {
        const stream = await client.chat.completions.create({ ...ask(QUESTION), stream: true });
        for await (const _ of stream);
      });
    };
    // 150 ms until the first of eight tokens, 25 ms between them.
    const recordedMs = exchanges[1]?.response.chunks.at(-1)?.[0] ?? 0;
    expect(recordedMs).toBeGreaterThan(300);
    expect(await took(1)).toBeGreaterThan(recordedMs - 2);
    expect(await took(2)).toBeGreaterThan(2 * recordedMs - 2);
    expect(await took(0)).toBeLessThan(recordedMs);
  });

  test('can be spoiled by rules like any other answer', async () => {
    const { file } = await record();
    const { model, client } = await replay(await readRecording(file));
    model.script([{ when: { stream: true }, behaviour: { name: 'cut', finAfterTokens: 3 } }]);
    const stream = await client.chat.completions.create({ ...ask(QUESTION), stream: true });
    let chunks = 0;
    await expect(async () => {
      for await (const _ of stream) chunks++;
    }).rejects.toThrow();
    expect(chunks).toBe(3);
    expect(model.hits()).toEqual({ cut: 1 });
  });
});

test('an answer that never comes is recorded as far as it came', async () => {
  const folder = await mkdtempDisposable(join(tmpdir(), 'hanglab-record-'));
  onTestFinished(() => folder.remove());
  const real = await startModel({
    rules: [{ behaviour: { name: 'silence', silentAfterTokens: 2 } }],
  });
  const file = join(folder.path, 'talk.ndjson');
  await using recorder = await startRecorder({ url: real.url, file });
  const signal = AbortSignal.timeout(400);
  const stream = await clientOf(recorder.url).chat.completions.create(
    { ...ask(QUESTION), stream: true },
    { signal },
  );
  await (async () => {
    for await (const _ of stream);
  })().catch(() => {});
  await expect.poll(recorder.recorded).toBe(1);
  await expect.poll(async () => (await readRecording(file)).length).toBe(1);
  const [exchange] = await readRecording(file);
  expect(exchange?.response.complete).toBe(false);
  expect(exchange?.response.chunks.map(([, text]) => text).join('')).not.toContain(ANSWER);
});

test.each([
  ['', 'expected a file that'],
  ['{"format":"hanglab.model-recording/1"}\n{"request":1}\n', 'line 2 is not an exchange'],
])('what is no recording is refused: %j', async (text, why) => {
  const folder = await mkdtempDisposable(join(tmpdir(), 'hanglab-record-'));
  onTestFinished(() => folder.remove());
  const file = join(folder.path, 'talk.ndjson');
  await writeFile(file, text);
  await expect(readRecording(file)).rejects.toMatchObject({
    code: 'bad-recording',
    message: expect.stringContaining(why),
  });
});
