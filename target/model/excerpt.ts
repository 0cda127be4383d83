/** Describes an answer that is not what was asked for. */
import { ModelFailure, type ModelLink } from './failure.ts';

export function garbage(link: ModelLink, message: string): ModelFailure {
  return new ModelFailure(link, 'garbage', message);
}

/** The start of `text`, quoted. */
export function excerpt(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text);
}

/** Undefined when `text` is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
