/** What is found out about real servers, each as a person would start it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startScriptedModel } from '../../../llm/start.ts';
import { random } from '../../../platform/random.ts';
import { startReaper } from '../../../reaper/reaper.ts';
import { loadCorpus } from '../../../requests/inputs.ts';
import { type PythonEnvironment, pythonEnvironment } from '../../../testing/python-environment.ts';
import { SERVER_PACKAGES } from '../../../testing/python-packages.ts';
import { buildTarget } from '../../config/build-target.ts';
import type { TargetConfig } from '../../config/config.ts';
import type { Address } from '../../endpoints.ts';
import { requestLine } from '../request-line.ts';
import { routesIn } from '../source/routes.ts';
import { type DiscoverOptions, type Discovery, discover } from './discover.ts';

vi.setConfig({ testTimeout: 60_000 });
const FIXTURES = fileURLToPath(new URL('../fixtures/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'discover-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const corpus = loadCorpus(null, random(1));

function found(address: Address, options: Partial<DiscoverOptions> = {}): Promise<Discovery> {
  return discover(address, {
    ...{
      base: { server: { command: 'x' } },
      requests: [],
      openapi: null,
      health: null,
      token: null,
    },
    recorded: { candidates: [], unused: [] },
    source: { candidates: [], unused: [] },
    ...{ headers: {}, answerMs: 3_000, folder: FIXTURES, signal: new AbortController().signal },
    inputs: (index) => corpus.input(index, { bytes: 1_000 }),
    ...options,
  });
}

/** Starts the server of `command`, and finds out about it. */
async function foundOf(
  command: string[],
  options: Partial<DiscoverOptions> = {},
  env: Record<string, string> = {},
): Promise<Discovery> {
  await using reaper = startReaper();
  const base: TargetConfig = { server: { command, cwd: FIXTURES, env, ready: 'port' } };
  await using running = await buildTarget(base, FIXTURES).open({
    ...{ port: 0, upstreams: {}, folder, logFile: join(folder, 'log') },
    signal: new AbortController().signal,
    watchGroup: (pid, mark) => reaper.watchGroup(pid, mark),
    forgetGroup: (pid) => reaper.forgetGroup(pid),
    watchContainer: () => {},
    forgetContainer: () => {},
  });
  return await found(running, options);
}

/** A server of this process. */
async function foundIn(
  listener: RequestListener,
  options: Partial<DiscoverOptions> = {},
): Promise<Discovery> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await found(
      { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
      options,
    );
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const reasons = ({ unused }: Discovery) =>
  Object.fromEntries(unused.map(({ label, reason }) => [label, reason]));

describe('a Fastify server with a document', () => {
  let discovery: Discovery;
  beforeAll(async () => {
    discovery = await foundOf([process.execPath, 'fastify-server.mjs']);
  });

  test('is found with its document, health and progress', () => {
    expect(discovery.document?.where).toBe('GET /documentation/json');
    expect(discovery.config.health).toBe('/livez');
    expect(discovery.config.progress).toEqual({
      get: '/stats',
      open: '$.pending',
      done: '$.completed',
    });
  });

  test('is sent each operation once, and what it answers completes them', () => {
    expect(discovery.config.operations).toEqual({
      getStats: { get: '/stats' },
      getTicks: { get: '/ticks', stream: { format: 'sse', ends: '[DONE]' } },
      postJobs: {
        post: '/jobs',
        json: { title: '${title}', priority: 2 },
        id: '$.id',
        done: { get: '/jobs/${id}', until: { '$.status': ['done'] } },
      },
    });
    expect(reasons(discovery)).toEqual({
      'GET /for-ever': expect.stringContaining('one without an end is not judged'),
    });
  });
});

test('a plain Node server without a document: its root is an operation, and its health', async () => {
  const { config, healthFrom, document } = await foundOf([process.execPath, 'plain-server.mjs']);
  expect(document).toBeNull();
  expect(config.operations).toEqual({ getRoot: { get: '/' } });
  expect(config.health).toBe('/');
  expect(healthFrom).toBe('cheapest');
});

test('a server of one thread, in Python: its health is all that there is to read', async () => {
  const { config, healthFrom } = await foundOf(['python3', 'one_thread_server.py', '${port}']);
  expect(config.health).toBe('/ping');
  expect(healthFrom).toBe('usual');
  expect(config.operations).toEqual({ getPing: { get: '/ping' } });
});

describe('a server in Python', () => {
  let environment: PythonEnvironment;
  beforeAll(async () => {
    environment = await pythonEnvironment(SERVER_PACKAGES);
  }, 300_000);

  test('under gunicorn with two workers', async ({ skip }) => {
    if (environment.missing !== null) return skip(environment.missing);
    const gunicorn = [environment.python, '-m', 'gunicorn', '-w', '2', '-b', '127.0.0.1:${port}'];
    const { config } = await foundOf([...gunicorn, 'wsgi_server:app']);
    expect(config.health).toBe('/healthz');
    expect(config.operations).toEqual({ getRoot: { get: '/' } });
  });

  test('with FastAPI, under uvicorn with two workers', async ({ skip }) => {
    if (environment.missing !== null) return skip(environment.missing);
    await using model = await startScriptedModel({ seed: 1, onEvent: () => {} });
    const command = [
      environment.python,
      '-m',
      'uvicorn',
      'fastapi_server:app',
      '--port',
      '${port}',
    ];
    const discovery = await foundOf(
      [...command, '--workers', '2'],
      {},
      {
        OPENAI_BASE_URL: model.url,
        OPENAI_API_KEY: 'unused',
      },
    );
    expect(discovery.document?.where).toBe('GET /openapi.json');
    expect(discovery.config.health).toBe('/notes');
    expect(discovery.config.operations).toEqual({
      getNotes: { get: '/notes' },
      postNotes: { post: '/notes', json: { title: '${title}', text: '${document}' }, id: '$.id' },
      deleteNotes: { delete: '/notes/${id}', deletes: 'postNotes' },
    });
    expect(reasons(discovery)).toEqual({
      'GET /users/{user_id}': expect.stringContaining('needs a value for {user_id}'),
    });
  });
});

test('what its source declares is used once the server has answered it, where there is no document', async () => {
  const statuses: Record<string, number> = { '/orders': 200, '/orders?a=1': 200, '/broken': 500 };
  const listener: RequestListener = ({ url = '' }, response) => {
    response.statusCode = statuses[url] ?? 404;
    response.end('[]');
  };
  const text = `app.get('/orders', f); app.get('/broken', f); stock.get('/elsewhere', f);`;
  const source = routesIn([{ path: 'a.js', extension: '.js', text }]);
  const discovery = await foundIn(listener, { source });
  expect(discovery.config.operations).toEqual({ getOrders: { get: '/orders' } });
  expect(Object.keys(reasons(discovery))).toEqual(['GET /broken', 'GET /']);
  // A person who gives requests knows better.
  const given = await foundIn(listener, { source, requests: [requestLine('GET /orders?a=1', '')] });
  expect(given.config.operations).toEqual({ getOrders: { get: '/orders?a=1' } });
});

describe('requests that the user gives', () => {
  const listener: RequestListener = (request, response) => {
    response.setHeader('content-type', 'application/json');
    if (request.url === '/openapi.json') {
      const paths = { '/documents': { get: {}, post: {} } };
      return response.end(JSON.stringify({ openapi: '3.1.0', info: {}, paths }));
    }
    if (request.url === '/documents' && request.method === 'POST') {
      response.statusCode = 201;
      return response.end('{"data":{"uuid":"a/b"}}');
    }
    if (request.url === '/documents/a%2Fb' && request.method === 'DELETE') return response.end();
    if (request.url === '/documents') return response.end('[]');
    response.statusCode = 404;
    response.end('{"detail":"Not Found"}');
  };
  const lines = (...all: string[]) => all.map((line) => requestLine(line, FIXTURES));

  test('come first, and a delete belongs to the write that makes what it deletes', async () => {
    const requests = lines('POST /documents {"title":"${title}"}', 'DELETE /documents/${id}');
    const { config } = await foundIn(listener, { requests });
    expect(config.operations).toMatchObject({
      postDocuments: { post: '/documents', json: { title: '${title}' }, id: '$.data.uuid' },
      deleteDocuments: { delete: '/documents/${id}', deletes: 'postDocuments' },
    });
  });

  test('that are wrong are reported, with the nearest path of the document', async () => {
    await expect(foundIn(listener, { requests: lines('GET /document') })).rejects.toMatchObject({
      code: 'not-as-declared',
      exitCode: 3,
      problems: [
        'GET /document was answered with status 404: {"detail":"Not Found"}. Its document has GET, POST /documents',
      ],
    });
  });

  test('get the headers that all of them are to have', async () => {
    const seen: unknown[] = [];
    await foundIn(
      (request, response) => {
        if (request.url === '/x') seen.push(request.headers['x-team']);
        response.end();
      },
      { requests: lines('GET /x'), headers: { 'X-Team': 'a' } },
    );
    expect(seen).toEqual(['a']);
  });
});

describe('a server that answers what it likes', () => {
  test('every path: then none of them is its health', async () => {
    const { config, healthFrom } = await foundIn((_, response) => response.end('<app>'));
    expect(config.health).toBe('/');
    expect(healthFrom).toBe('cheapest');
  });

  test('nothing at all: its root is kept, so that a run shows why', async () => {
    const started = performance.now();
    const { config, operations } = await foundIn(() => {}, { answerMs: 500 });
    expect(config.operations).toEqual({ getRoot: { get: '/' } });
    expect(operations).toMatchObject([{ answer: null }]);
    expect(performance.now() - started).toBeLessThan(45_000);
  });

  test('bodies without end: they are cut off', async () => {
    const { config, unused } = await foundIn(
      (request, response) => {
        if (request.url !== '/') return void response.writeHead(404).end();
        const write = (): void => {
          while (response.write('x'.repeat(100_000)));
          response.once('drain', write);
        };
        write();
      },
      { answerMs: 2_000 },
    );
    expect(config.operations).toEqual({});
    expect(unused).toEqual([{ label: 'GET /', reason: expect.stringContaining('had not ended') }]);
  });

  test('a document that is a page, and one that refers to another host', async () => {
    let asked = 0;
    const elsewhere = createServer((_, response) => {
      asked++;
      response.end('{}');
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    const { port } = elsewhere.address() as AddressInfo;
    const discovery = await foundIn((request, response) => {
      if (request.url === '/openapi.json')
        return void response.end('<title>"openapi": docs</title>');
      if (request.url !== '/swagger.json') return void response.writeHead(404).end();
      const $ref = `http://127.0.0.1:${port}/x.json`;
      response.end(
        JSON.stringify({
          swagger: '2.0',
          paths: { '/a': { $ref }, '/b': { get: { parameters: [{ $ref }] } } },
        }),
      );
    });
    elsewhere.close();
    expect(discovery.document?.where).toBe('GET /swagger.json');
    expect(asked).toBe(0);
    expect(Object.values(reasons(discovery)).join()).toContain('outside of the document');
  });
});
