/** A gateway that streams: how its streams end rightly, and how it says that it failed. */
import { defineConfig } from 'hanglab';

export default defineConfig({
  name: 'sse-gateway',
  server: {
    setup: 'npm install --silent --no-audit --no-fund --prefix . fastify@5.12.8',
    command: [process.execPath, 'server.cjs'],
    env: { NODE_PATH: '${setup}/node_modules', MODEL_URL: '${model}' },
  },
  upstreams: { model: { model: 'chat' } },
  health: '/health',
  limits: { request: '2s', firstByte: '1500ms', idle: '1s', health: '500ms' },
  operations: {
    chat: {
      // A stream that is short, so that its end is waited for as for any other answer.
      kind: 'read',
      post: '/chat',
      json: { prompt: 'Say ${text}' },
      stream: { format: 'sse', ends: '[DONE]', failed: 'error' },
    },
  },
  variants: {
    'no-idle-deadline': {
      why: 'A model that falls silent in mid-answer is waited for without end.',
      env: { FAULT: 'no-idle-deadline' },
    },
    'blocking-render': {
      why: 'Each token is rendered by work that blocks the event loop.',
      env: { FAULT: 'blocking-render' },
    },
  },
  scenarios: {
    include: ['silent-mid-stream', 'many-streams'],
    files: ['scenarios/silent-mid-stream.ts', 'scenarios/many-streams.ts'],
  },
});
