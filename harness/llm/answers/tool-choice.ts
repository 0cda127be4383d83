/** Which of the tools that a prompt offers the scripted model calls. */
import type { Prompt, Tool } from './prompt.ts';
import { wordsOf } from './prose/text.ts';
import { isObject } from './schema/json-schema.ts';

/** Shorter words are in every sentence. */
const TELLING_LENGTH = 4;

/**
 * With `auto` a tool is called where the user's last words share a word with its name, its description
 * or its parameters, and only until a tool has answered; so that a loop through tools comes to an end.
 * Where several are named, all are called, unless calls in parallel are switched off.
 */
export function chooseTools(prompt: Prompt): Tool[] {
  const { tools, toolChoice } = prompt;
  if (tools.length === 0 || toolChoice.kind === 'none') return [];
  if (toolChoice.kind === 'named') return tools.filter(({ name }) => name === toolChoice.name);
  const last = prompt.turns.at(-1);
  if (toolChoice.kind === 'auto' && last?.role === 'tool') return [];

  const asked = tellingWords(prompt.turns.findLast(({ role }) => role === 'user')?.text ?? '');
  const shared = (words: Set<string>): number =>
    [...words].filter((word) => asked.has(word)).length;
  const scored = tools.map((tool) => ({
    tool,
    byName: shared(tellingWords(spelledOut(tool.name))),
    score: shared(tellingWords(aboutTool(tool))),
  }));
  const named = scored.filter(({ byName }) => byName > 0);
  if (named.length > 1 && prompt.parallelTools) return named.map(({ tool }) => tool);
  const [best] = scored.toSorted((a, b) => b.byName - a.byName || b.score - a.score);
  if (best === undefined || (toolChoice.kind === 'auto' && best.score === 0)) return [];
  return [best.tool];
}

function tellingWords(text: string): Set<string> {
  return new Set(wordsOf(text).filter(({ length }) => length >= TELLING_LENGTH));
}

function aboutTool({ name, description, parameters }: Tool): string {
  const properties =
    isObject(parameters) && isObject(parameters.properties) ? parameters.properties : {};
  return [name, ...Object.keys(properties)].map(spelledOut).concat(description).join(' ');
}

/** `getWeather_byCity` as its words. */
function spelledOut(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replace(/[^\p{L}\p{N}]+/gu, ' ');
}
