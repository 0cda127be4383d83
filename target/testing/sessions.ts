/** Sessions with earlier messages, imported through the API. */
import type { Target } from './target.ts';

const WORDS = 'copper lantern meadow harbour signal ribbon orchard engine'.split(' ');

/** Creates a session with `count` messages of `characters` each, alternating between user and model. */
export async function longSession(
  target: Pick<Target, 'post'>,
  count: number,
  characters = 400,
): Promise<string> {
  const messages = Array.from({ length: count }, (_, n) => ({
    role: n % 2 === 0 ? 'user' : 'assistant',
    text: sentence(n, characters),
  }));
  const { body } = await target.post('/api/v1/sessions', { title: `${count} messages`, messages });
  return body.id;
}

function sentence(n: number, characters: number): string {
  let text = `Message ${n} says:`;
  for (let word = n; text.length < characters; word++) text += ` ${WORDS[word % WORDS.length]}`;
  return text.slice(0, characters);
}
