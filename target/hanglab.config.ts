/** The bundled server, described as any other is: how it is started, what it calls, what it promises. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from '../harness/target/config/config.ts';
import { conversations } from './config/conversations.ts';
import { settings } from './config/scenario-settings.ts';
import { defectNames, loadDefect } from './defects/index.ts';

export { MATRIX_ROWS as matrix } from './matrix-rows.ts';
export { STORIES as stories } from './stories/index.ts';

const MAIN = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? 'main.ts' : 'main.js', import.meta.url),
);
const DOCUMENTS = '/api/v1/knowledge/documents';

interface Listing {
  rows: Record<'pending' | 'processing' | 'indexed' | 'failed', number>;
}

interface Row {
  claimAgeMs: number | null;
}

const defects = await Promise.all(
  defectNames().map(async (name) => {
    const { why } = await loadDefect(name);
    return [name, { why, args: ['--defect', name] }] as const;
  }),
);

export default defineConfig({
  name: 'reference',
  server: {
    command: [
      ...[process.execPath, '--disable-warning=ExperimentalWarning', MAIN],
      ...['--port', '${port}', '--data', '${tmp}'],
      ...['--model-url', '${llm}/v1', '--embeddings-url', '${embeddings}/v1'],
    ],
    // It needs nothing of the environment but where programs are: no token gets into its log.
    inheritEnv: ['PATH', 'HOME', 'LANG', 'TZ', 'TARGET_*'],
    ready: '/health',
    readyTimeout: '20s',
    // The verdict is decided and the data temporary; a scenario that judges the shutdown asks for it itself.
    stop: { signal: 'SIGTERM', grace: 0 },
  },
  upstreams: { llm: { model: 'chat' }, embeddings: { model: 'embeddings' } },
  health: { path: '/health', good: 200 },
  readiness: { path: '/ready', good: 200 },
  limits: { request: '2s', idle: '300ms', shutdown: '2s', health: '250ms', backlog: 240 },
  // Enough to keep 20 Hz against a server that needs 1.5 s.
  probing: { healthHz: 20, maxOpen: 32 },
  calibrate: false,
  progress,
  operations: {
    upload: {
      post: DOCUMENTS,
      multipart: {
        title: '${title}',
        file: { text: '${document}', filename: '${title}.md', type: 'text/markdown' },
      },
      good: 201,
      id: '$.id',
      done: {
        get: `${DOCUMENTS}/\${id}`,
        until: { '$.state': 'indexed' },
        failed: { '$.state': 'failed' },
        held: ({ json }) => oldestClaimMs(json),
      },
      found: {
        post: '/api/v1/knowledge/search',
        json: { query: '${sentence}', limit: 20 },
        copies: ({ json }, { id, sentence }) => copiesIn(json, id, sentence),
      },
    },
    search: {
      post: '/api/v1/knowledge/search',
      kind: 'read',
      json: { query: 'how a request is cancelled when its client has gone away', limit: 5 },
    },
    list: { get: `${DOCUMENTS}?limit=20` },
    delete: { delete: `${DOCUMENTS}/\${id}`, deletes: 'upload' },
    ...conversations,
  },
  scenarios: {
    // A first look that ends within a minute; `--all` runs the rest too.
    include: ['upload-burst', 'llm-slow', 'llm-goes-silent'],
    operations: ['upload', 'search', 'list', 'delete'],
    settings,
  },
  variants: Object.fromEntries(defects),
});

/** Accepted work: rows of documents, and tasks. */
async function progress({ url, signal }: { url: string; signal: AbortSignal }) {
  const of = async (path: string): Promise<unknown> => {
    const answer = await fetch(`${url}${path}?limit=1`, { signal });
    return answer.ok ? answer.json() : null;
  };
  const [documents, tasks] = await Promise.all([of(DOCUMENTS), of('/api/v1/tasks')]);
  if (documents === null || tasks === null) return null;
  const rows = rowsOf(documents);
  const counts = (tasks as { tasks: Record<string, number> }).tasks;
  const count = (state: string): number => counts[state] ?? 0;
  return {
    open: rows.pending + rows.processing + count('queued') + count('running'),
    done: rows.indexed + count('done') + count('failed') + count('cancelled'),
    givenUp: rows.failed,
  };
}

function rowsOf(json: unknown): Listing['rows'] {
  return (json as Listing).rows;
}

function oldestClaimMs(json: unknown): number | null {
  const ages = (json as { rows: Row[] }).rows.flatMap(({ claimAgeMs }) => claimAgeMs ?? []);
  return ages.length === 0 ? null : Math.max(...ages);
}

/** Two rows of a document may say the same; its own sentence stands in one of them. */
function copiesIn(json: unknown, id: string | null, sentence: string): number {
  const { results } = json as { results: { documentId: string; text: string }[] };
  const texts = results
    .filter(({ documentId }) => documentId === id)
    .map(({ text }) => text)
    .filter((text) => text.includes(sentence));
  return Math.max(0, ...texts.map((a) => texts.filter((b) => a === b).length));
}
