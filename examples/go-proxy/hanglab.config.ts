/** A proxy in Go, built at each start: Go's own cache makes that quick. */
import { defineConfig } from 'hanglab';

export default defineConfig({
  name: 'go-proxy',
  server: {
    command: 'go build -o ${tmp}/proxy main.go && exec ${tmp}/proxy',
    env: { MODEL_URL: '${model}', CGO_ENABLED: '0' },
  },
  upstreams: { model: { model: 'chat' } },
  health: '/health',
  limits: { request: '2s', health: '500ms' },
  operations: {
    chat: {
      kind: 'read',
      post: '/chat',
      json: { model: 'any', messages: [{ role: 'user', content: 'Say ${text}' }] },
    },
  },
  variants: {
    'no-deadline': { why: 'A call has no end of its own.', env: { FAULT: 'no-deadline' } },
    'slot-leak': { why: 'A call that fails keeps its place.', env: { FAULT: 'slot-leak' } },
  },
  scenarios: {
    include: ['model-silent', 'model-fails'],
    files: ['scenarios/model-silent.ts', 'scenarios/model-fails.ts'],
  },
});
