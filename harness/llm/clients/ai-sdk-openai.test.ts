import { createOpenAI } from '@ai-sdk/openai';
import { generateText } from 'ai';
import { expect, test } from 'vitest';
import { testProvider } from './ai-sdk.test-helper.ts';
import { ANSWER, QUESTION, startModel } from './model.test-helper.ts';

// Its models speak to /v1/responses, unless they are asked for otherwise.
testProvider((model) => {
  const provider = createOpenAI({ baseURL: model.url, apiKey: 'any' });
  return { language: provider('gpt-4.1'), embedding: provider.embedding('e') };
});

test('its older models speak to /v1/chat/completions and /v1/completions', async () => {
  const model = await startModel();
  const provider = createOpenAI({ baseURL: model.url, apiKey: 'any' });
  const options = { prompt: QUESTION, maxOutputTokens: 200 };
  const chat = await generateText({ model: provider.chat('gpt-4.1'), ...options });
  expect(chat.text).toContain(ANSWER);
  // It writes the conversation into one prompt, whose last line is "assistant:" and no question.
  const completion = await generateText({ model: provider.completion('instruct'), ...options });
  expect(completion.text).toContain('The pump starts at dawn');
});
