import { createAnthropic } from '@ai-sdk/anthropic';
import { testProvider } from './ai-sdk.test-helper.ts';

testProvider((model) => {
  const provider = createAnthropic({ baseURL: model.url, apiKey: 'any' });
  return { language: provider('claude-sonnet-4-5'), embedding: null };
});
