/** An upload server whose worker calls a model: what it accepts, how it tells that it is done, what it calls. */
import { defineConfig } from 'hanglab';

export default defineConfig({
  name: 'fastapi-upload',
  server: {
    setup:
      'python3 -m venv . && ./bin/pip install --quiet fastapi==0.115.6 uvicorn==0.34.0 openai==1.59.7',
    command: '${setup}/bin/uvicorn app:app --host 127.0.0.1 --port ${port} --no-access-log',
    env: { OPENAI_BASE_URL: '${model}/v1', OPENAI_API_KEY: 'unused' },
  },
  upstreams: { model: { model: 'chat' } },
  health: '/health',
  limits: { request: '2s', health: '500ms' },
  progress: { get: '/documents', open: '$.open', done: '$.done', givenUp: '$.failed' },
  operations: {
    upload: {
      post: '/documents',
      json: { title: '${title}', text: '${document}' },
      good: 202,
      id: '$.id',
      done: {
        get: '/documents/${id}',
        until: { '$.state': 'done' },
        failed: { '$.state': 'failed' },
      },
    },
    counts: { get: '/documents' },
  },
  variants: {
    'no-deadline': {
      why: 'The call to the model never ends by itself.',
      env: { FAULT: 'no-deadline' },
    },
    'sync-client': {
      why: 'The call to the model blocks the event loop.',
      env: { FAULT: 'sync-client' },
    },
  },
  scenarios: { include: ['model-goes-silent'], files: ['scenarios/model-goes-silent.ts'] },
});
