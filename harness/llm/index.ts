/** The scripted OpenAI-compatible model: what the rest of hanglab uses of it. */
export type { Behaviour, Rule } from './behaviour.ts';
export { parseRules } from './behaviour.ts';
export type { ModelEvent } from './conversation.ts';
export type { Pace } from './delivery.ts';
export { CHAT_MODEL, EMBEDDING_MODEL } from './models.ts';
export type { ModelServer, ModelServerOptions } from './server.ts';
export { createModelServer, DEFAULT_PACE } from './server.ts';
export type { ModelExit, ScriptedModel, ScriptedModelOptions } from './start.ts';
export { startScriptedModel } from './start.ts';
