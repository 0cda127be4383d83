/** How many tokens a text has, about: enough to keep it within the model's context. */

export type TokenEstimate = (text: string) => number;

/** OpenAI's rule of thumb for English text. */
const CHARACTERS_A_TOKEN = 4;

export const tokensIn = (characters: number): number => Math.ceil(characters / CHARACTERS_A_TOKEN);

/** Costs nothing at any size. */
export const quarterOfCharacters: TokenEstimate = (text) => tokensIn(text.length);

/** What a document may have: the context of current models is 128,000 tokens; half is for the answer. */
export const MAX_DOCUMENT_TOKENS = 64_000;
