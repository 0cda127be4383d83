/** How many tokens a text has, about: enough to keep a document within the model's context. */

export type TokenEstimate = (text: string) => number;

/** Four characters a token: OpenAI's rule of thumb for English text. Costs nothing at any size. */
export const quarterOfCharacters: TokenEstimate = (text) => Math.ceil(text.length / 4);

/** What a document may have: the context of current models is 128,000 tokens; half is for the answer. */
export const MAX_DOCUMENT_TOKENS = 64_000;
