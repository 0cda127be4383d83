/** Estimates the tokens of a text, well enough to keep it within the model's context. */

export type TokenEstimate = (text: string) => number;

/** OpenAI's rule of thumb for English text. */
const CHARACTERS_A_TOKEN = 4;

export const tokensIn = (characters: number): number => Math.ceil(characters / CHARACTERS_A_TOKEN);

/** Takes constant time. */
export const quarterOfCharacters: TokenEstimate = (text) => tokensIn(text.length);

/** Most tokens of a document: half of the 128,000 tokens of context that current models have. */
export const MAX_DOCUMENT_TOKENS = 64_000;
