/** Reads the model's answers. Only an answer that says it is complete counts as one. */
import { createParser } from 'eventsource-parser';
import { z } from 'zod';
import { ModelFailure } from './failure.ts';

/** Collects an answer piece by piece. */
export interface AnswerReader<T> {
  /** Takes bytes in; true when they moved the answer on (a comment or an empty delta does not). */
  take(bytes: Uint8Array): boolean;
  /** The answer is whole: whatever the connection still does makes no difference. */
  readonly complete: boolean;
  /** At the end of the body. @throws ModelFailure `truncated` or `garbage` */
  finish(): T;
}

const chunkSchema = z.object({
  choices: z.array(
    z.object({
      delta: z.object({ content: z.string().nullish() }).nullish(),
      finish_reason: z.string().nullish(),
    }),
  ),
});

/** A streamed chat completion whose content is JSON of `schema`. */
export function chatReader<T>(schema: z.ZodType<T>): AnswerReader<T> {
  const decoder = new TextDecoder();
  let content = '';
  let finishReason: string | null = null;
  let done = false;
  let moved = false;
  let broken: string | null = null;
  const parser = createParser({
    onEvent({ data }) {
      if (data === '[DONE]') {
        done = true;
        moved = true;
        return;
      }
      const chunk = chunkSchema.safeParse(parseJson(data));
      if (!chunk.success) {
        broken ??= data;
        return;
      }
      for (const choice of chunk.data.choices) {
        const piece = choice.delta?.content ?? '';
        content += piece;
        if (piece !== '' || choice.finish_reason) moved = true;
        finishReason = choice.finish_reason ?? finishReason;
      }
    },
  });
  return {
    take(bytes) {
      moved = false;
      parser.feed(decoder.decode(bytes, { stream: true }));
      return moved;
    },
    get complete() {
      return done;
    },
    finish() {
      if (broken !== null) throw garbage('llm', `a chunk that is not one: ${excerpt(broken)}`);
      if (!done && finishReason === null) {
        throw new ModelFailure('llm', 'truncated', 'the answer ended in the middle');
      }
      if (finishReason === 'length') {
        throw new ModelFailure('llm', 'truncated', 'the model stopped at its own token limit');
      }
      const answer = schema.safeParse(parseJson(content));
      if (!answer.success) throw garbage('llm', `not the JSON asked for: ${excerpt(content)}`);
      return answer.data;
    },
  };
}

const embeddingsSchema = z.object({
  data: z.array(z.object({ index: z.number().int(), embedding: z.array(z.number()) })),
});

/** A vector for each of `count` texts, in their order. */
export function embeddingsReader(count: number, dimensions: number): AnswerReader<number[][]> {
  const decoder = new TextDecoder();
  let text = '';
  return {
    take(bytes) {
      text += decoder.decode(bytes, { stream: true });
      return true;
    },
    complete: false,
    finish() {
      const answer = embeddingsSchema.safeParse(parseJson(text));
      if (!answer.success) throw garbage('embeddings', `not embeddings: ${excerpt(text)}`);
      const vectors = answer.data.data
        .toSorted((a, b) => a.index - b.index)
        .map((item) => item.embedding);
      if (vectors.length !== count || vectors.some((vector) => vector.length !== dimensions)) {
        throw garbage('embeddings', `expected ${count} vectors of ${dimensions} numbers`);
      }
      return vectors;
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function garbage(link: 'llm' | 'embeddings', message: string): ModelFailure {
  return new ModelFailure(link, 'garbage', message);
}

function excerpt(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text);
}
