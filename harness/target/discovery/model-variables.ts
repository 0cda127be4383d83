/**
 * The variables from which clients of models read the model's address. Those that are unset are set to the
 * scripted model; one that points elsewhere stays, and is reported.
 */

import { inheritedVariables } from './inherited-variables.ts';

/** A variable and the value that leads to the scripted model. */
interface Variable {
  name: string;
  value: string;
}

/** Variables that one kind of client reads together. */
interface Family {
  urls: readonly Variable[];
  /** Needed by the client; the scripted model takes any value. */
  others: readonly Variable[];
}

const KEY = 'unused';

const OPENAI: Family = {
  urls: ['OPENAI_BASE_URL', 'OPENAI_API_BASE'].map((name) => ({ name, value: '${llm}/v1' })),
  others: [{ name: 'OPENAI_API_KEY', value: KEY }],
};
const ANTHROPIC: Family = {
  urls: ['ANTHROPIC_BASE_URL', 'ANTHROPIC_API_BASE'].map((name) => ({ name, value: '${llm}' })),
  others: [{ name: 'ANTHROPIC_API_KEY', value: KEY }],
};
const OLLAMA: Family = {
  urls: ['OLLAMA_HOST', 'OLLAMA_BASE_URL', 'OLLAMA_API_BASE'].map((name) => ({
    name,
    value: '${llm}',
  })),
  others: [],
};
const LITELLM: Family = {
  urls: [{ name: 'LITELLM_PROXY_API_BASE', value: '${llm}/v1' }],
  others: [{ name: 'LITELLM_PROXY_API_KEY', value: KEY }],
};
const AZURE: Family = {
  urls: ['AZURE_OPENAI_ENDPOINT', 'AZURE_API_BASE'].map((name) => ({ name, value: '${llm}' })),
  others: [
    { name: 'AZURE_OPENAI_API_KEY', value: KEY },
    { name: 'AZURE_API_KEY', value: KEY },
    { name: 'OPENAI_API_VERSION', value: '2024-10-21' },
    { name: 'AZURE_API_VERSION', value: '2024-10-21' },
  ],
};

export interface ModelVariables {
  /** What the server's environment gets: names with values, `${llm}` standing for the link. */
  set: Readonly<Record<string, string>>;
  /** Variables that are set already and lead elsewhere: where they lead, and the value that would lead to the link. */
  elsewhere: readonly { name: string; to: string; link: string }[];
}

/**
 * For the `env` of a server in a config: the variables from which clients of models read the model's address,
 * leading to the scripted one. Those that are set already are left out, and stay as they are.
 * @param upstream the name of the scripted model in `upstreams`.
 */
export function modelEnv(upstream = 'llm'): Readonly<Record<string, string>> {
  const { set } = modelVariables(inheritedVariables(process.cwd()), {});
  return Object.fromEntries(
    Object.entries(set).map(([name, value]) => [name, value.replace('${llm}', `\${${upstream}}`)]),
  );
}

/**
 * @param environment what the server inherits, and what its `.env` file sets.
 * @param asked what the user sets by --env: taken as it is.
 */
export function modelVariables(
  environment: Readonly<Record<string, string | undefined>>,
  asked: Readonly<Record<string, string>>,
): ModelVariables {
  const set: Record<string, string> = {};
  const elsewhere: { name: string; to: string; link: string }[] = [];
  for (const { urls, others } of families(environment)) {
    const outside = urls.filter(({ name }) => environment[name] && !(name in asked));
    for (const { name, value } of outside) {
      elsewhere.push({ name, to: hostOf(environment[name] ?? ''), link: value });
    }
    // Names of the same thing: one that leads elsewhere is meant for all of them.
    if (outside.length > 0) continue;
    for (const { name, value } of [...urls, ...others]) {
      if (!environment[name] && !(name in asked)) set[name] = value;
    }
  }
  return { set, elsewhere };
}

/**
 * Clients of Azure refuse to start when both theirs and OpenAI's variables are set (openai for Node: "baseURL and
 * endpoint are mutually exclusive"; for Python: an ambiguous module client). So each is set where it is used.
 */
function families(environment: Readonly<Record<string, string | undefined>>): Family[] {
  const uses = ({ urls, others }: Family): boolean =>
    [...urls, ...others].some(({ name }) => name !== 'OPENAI_API_VERSION' && environment[name]);
  const isAzure = uses(AZURE);
  const openai = !isAzure || uses(OPENAI) ? [OPENAI] : [];
  return [...openai, ...(isAzure ? [AZURE] : []), ANTHROPIC, OLLAMA, LITELLM];
}

/** Without what may be secret in it. */
function hostOf(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : null;
  return url === null || url.host === '' ? value.replace(/^.*@/, '').slice(0, 80) : url.host;
}
