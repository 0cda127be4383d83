/** The scripted model: what the rest of hanglab uses of it. */

export type { ModelEvent } from './delivery/exchange.ts';
export type { Pace } from './delivery/pace.ts';
export { CHAT_MODEL, EMBEDDING_MODEL } from './protocols/openai/models.ts';
export type { Behaviour } from './rules/behaviour.ts';
export { parseRules, type Rule, type When } from './rules/rules.ts';
export type { ModelServer, ModelServerOptions } from './server/server.ts';
export { createModelServer, DEFAULT_PACE } from './server/server.ts';
export type { ModelExit, ScriptedModel, ScriptedModelOptions } from './start.ts';
export { startScriptedModel } from './start.ts';
