/** Reads the model's answers. Only an answer that announces its end is complete. */
import { z } from 'zod';
import { chunkReader } from './chunks.ts';
import { excerpt, garbage, parseJson } from './excerpt.ts';

/** Collects an answer piece by piece. */
export interface AnswerReader<T> {
  /** Reads bytes; true when the answer made progress. @throws ModelFailure when it is too long */
  take(bytes: Uint8Array): boolean;
  /** Whether the answer is complete, whatever the connection still does. */
  readonly complete: boolean;
  /** To be called at the end of the body. @throws ModelFailure `truncated` or `garbage` */
  finish(): T;
}

/** A streamed chat completion whose content is JSON of `schema`. */
export function chatReader<T>(schema: z.ZodType<T>): AnswerReader<T> {
  let content = '';
  const chunks = chunkReader((delta) => {
    content += delta.content ?? '';
  });
  return {
    take: chunks.take,
    get complete() {
      return chunks.done;
    },
    finish() {
      chunks.finish();
      const answer = schema.safeParse(parseJson(content));
      if (!answer.success) throw garbage('llm', `not the JSON asked for: ${excerpt(content)}`);
      return answer.data;
    },
  };
}

const embeddingsSchema = z.object({
  data: z.array(z.object({ index: z.number().int(), embedding: z.array(z.number()) })),
});

/** One vector for each of `count` texts, in order. */
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
