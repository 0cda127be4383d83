/** Reads the chunks of a streamed chat completion, one by one. */
import { createParser } from 'eventsource-parser';
import { z } from 'zod';
import { excerpt, garbage, parseJson } from './excerpt.ts';
import { ModelFailure } from './failure.ts';

const chunkSchema = z.object({
  choices: z.array(
    z.object({
      delta: z
        .object({
          content: z.string().nullish(),
          tool_calls: z
            .array(
              z.object({
                index: z.int().min(0).max(63),
                id: z.string().nullish(),
                function: z
                  .object({ name: z.string().nullish(), arguments: z.string().nullish() })
                  .nullish(),
              }),
            )
            .nullish(),
        })
        .nullish(),
      finish_reason: z.string().nullish(),
    }),
  ),
});

export type Delta = NonNullable<z.infer<typeof chunkSchema>['choices'][number]['delta']>;

export interface ChunkReader {
  /** Reads bytes; true when they held content (a comment or an empty delta does not). */
  take(bytes: Uint8Array): boolean;
  /** Whether the stream has announced its end. */
  readonly done: boolean;
  /** To be called at the end of the body. @throws ModelFailure for a truncated or malformed stream */
  finish(): void;
}

/** Calls `onDelta` for each delta, in order. */
export function chunkReader(onDelta: (delta: Delta) => void): ChunkReader {
  const decoder = new TextDecoder();
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
      for (const { delta, finish_reason } of chunk.data.choices) {
        if (delta?.content || delta?.tool_calls?.length || finish_reason) moved = true;
        if (delta) onDelta(delta);
        finishReason = finish_reason ?? finishReason;
      }
    },
  });
  return {
    take(bytes) {
      moved = false;
      parser.feed(decoder.decode(bytes, { stream: true }));
      return moved;
    },
    get done() {
      return done;
    },
    finish() {
      if (broken !== null) throw garbage('llm', `malformed chunk: ${excerpt(broken)}`);
      if (!done && finishReason === null) {
        throw new ModelFailure('llm', 'truncated', 'the answer ended in the middle');
      }
      if (finishReason === 'length') {
        throw new ModelFailure('llm', 'truncated', 'the model stopped at its own token limit');
      }
    },
  };
}
