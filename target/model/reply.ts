/** A reply in a conversation: text and calls of tools, handed on while they come. */
import type { ToolCall } from '../sessions/entries.ts';
import type { AnswerReader } from './answer.ts';
import { chunkReader, type Delta } from './chunks.ts';
import { excerpt, garbage, parseJson } from './excerpt.ts';
import { ModelFailure } from './failure.ts';

export interface Reply {
  text: string;
  /** Whole ones only. */
  calls: ToolCall[];
}

/** Who is told of the pieces of a reply while it comes. */
export interface ReplyListener {
  text(piece: string): void;
  /** A piece of the arguments of the call at place `index`. */
  argument(index: number, piece: string): void;
}

export type ReplyReader = (listener: ReplyListener) => AnswerReader<Reply>;

/** Takes no more than `limit` characters, and nothing that the model has not finished. */
export function wholeReplies(limit: number): ReplyReader {
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

/** Collects a reply, whole or not. Pieces are joined once, so that a long reply costs no more each. */
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
