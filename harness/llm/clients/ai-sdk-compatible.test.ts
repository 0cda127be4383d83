import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { testProvider } from './ai-sdk.test-helper.ts';

testProvider((model) => {
  const provider = createOpenAICompatible({
    name: 'hanglab',
    baseURL: model.url,
    apiKey: 'any',
    includeUsage: true,
    supportsStructuredOutputs: true,
  });
  return { language: provider('m'), embedding: provider.embeddingModel('e') };
});
