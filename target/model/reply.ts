/** A reply in a conversation: text and tool calls, passed on as they arrive. */
import type { ToolCall } from '../sessions/entries.ts';
import type { AnswerReader } from './answer.ts';
import { chunkReader, type Delta } from './chunks.ts';
import { excerpt, garbage, parseJson } from './excerpt.ts';
import { ModelFailure } from './failure.ts';

export interface Reply {
  text: string;
  /** Complete calls only. */
  calls: ToolCall[];
}

/** Receives the pieces of a reply as they arrive. */
export interface ReplyListener {
  text(piece: string): void;
  /** A piece of the arguments of the call at `index`. */
  argument(index: number, piece: string): void;
}

export type ReplyReader = (listener: ReplyListener) => AnswerReader<Reply>;

/** Accepts at most `limit` characters, and only replies that the model has finished. */
export function completeReplies(limit: number): ReplyReader {
  return (listener) => {
    const { reply, chunks } = collect(limit, listener);
    return {
      take: chunks.take,
      get complete() {
        return chunks.done;
      },
      finish() {
        chunks.finish();
        return checked(reply());
      },
    };
  };
}

/** Collects a reply, complete or not. Pieces are joined once, at the end, so the cost stays linear. */
export function collect(limit: number, listener: ReplyListener) {
  const texts: string[] = [];
  const calls = new Map<number, { id: string; name: string; pieces: string[] }>();
  let characters = 0;
  const count = (piece: string) => {
    characters += piece.length;
    if (characters > limit) {
      throw new ModelFailure('llm', 'garbage', `the answer has more than ${limit} characters`);
    }
  };
  const chunks = chunkReader((delta: Delta) => {
    if (delta.content) {
      count(delta.content);
      texts.push(delta.content);
      listener.text(delta.content);
    }
    for (const { index, id, function: called } of delta.tool_calls ?? []) {
      const fresh = { id: id ?? `call_${index}`, name: called?.name ?? '', pieces: [] };
      const call = calls.get(index) ?? fresh;
      calls.set(index, call);
      const piece = called?.arguments ?? '';
      count(piece);
      call.pieces.push(piece);
      if (piece !== '') listener.argument(index, piece);
    }
  });
  const reply = (): Reply => ({
    text: texts.join(''),
    calls: [...calls]
      .sort(([one], [other]) => one - other)
      .map(([, { id, name, pieces }]) => ({ id, name, arguments: pieces.join('') })),
  });
  return { reply, chunks };
}

function checked(reply: Reply): Reply {
  for (const { name, arguments: text } of reply.calls) {
    const value = parseJson(text);
    if (typeof value !== 'object' || value === null) {
      throw garbage('llm', `a call of ${name} with arguments that are not JSON: ${excerpt(text)}`);
    }
  }
  return reply;
}
