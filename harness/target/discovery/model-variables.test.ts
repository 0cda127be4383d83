import { expect, test } from 'vitest';
import { modelVariables } from './model-variables.ts';

test('what is unset leads to the scripted model', () => {
  const { set, elsewhere } = modelVariables({}, {});
  expect(set).toMatchObject({
    OPENAI_BASE_URL: '${llm}/v1',
    OPENAI_API_BASE: '${llm}/v1',
    OPENAI_API_KEY: 'unused',
    ANTHROPIC_BASE_URL: '${llm}',
    OLLAMA_HOST: '${llm}',
    LITELLM_PROXY_API_BASE: '${llm}/v1',
  });
  expect(elsewhere).toEqual([]);
});

test('one that leads elsewhere stays, with the others of its kind, and no secret is shown', () => {
  const environment = { OPENAI_API_BASE: 'https://me:pw@models.example/v1?key=k' };
  const { set, elsewhere } = modelVariables(environment, {});
  expect(set.OPENAI_BASE_URL).toBeUndefined();
  expect(set.ANTHROPIC_BASE_URL).toBe('${llm}');
  expect(elsewhere).toEqual([{ name: 'OPENAI_API_BASE', to: 'models.example', link: '${llm}/v1' }]);
});

test('what the user asks for is theirs, and a key that is set stays', () => {
  const asked = { OPENAI_BASE_URL: '${llm}/v1' };
  const environment = { OPENAI_BASE_URL: 'https://models.example', OPENAI_API_KEY: 'sk-1' };
  const { set, elsewhere } = modelVariables(environment, asked);
  expect(elsewhere).toEqual([]);
  expect(set.OPENAI_BASE_URL).toBeUndefined();
  expect(set.OPENAI_API_KEY).toBeUndefined();
  expect(set.OPENAI_API_BASE).toBe('${llm}/v1');
});

test("Azure's variables are set where Azure is used, and not OpenAI's beside them", () => {
  expect(modelVariables({}, {}).set.AZURE_OPENAI_ENDPOINT).toBeUndefined();
  const { set } = modelVariables({ AZURE_OPENAI_API_KEY: 'k' }, {});
  expect(set.AZURE_OPENAI_ENDPOINT).toBe('${llm}');
  expect(set.OPENAI_BASE_URL).toBeUndefined();
  const both = modelVariables({ AZURE_OPENAI_API_KEY: 'k', OPENAI_API_KEY: 'k' }, {}).set;
  expect(both.OPENAI_BASE_URL).toBe('${llm}/v1');
});
