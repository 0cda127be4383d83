/** From documents to operations: what is used and how, and what is left out and why. */
import { describe, expect, test } from 'vitest';
import { buildOperation } from '../../config/build-operation.ts';
import type { OperationConfig } from '../../config/config.ts';
import { configProblems } from '../../config/problems.ts';
import { shapeProblems } from '../../config/schema.ts';
import type { Offered } from '../offered.ts';
import { readOpenApi } from './document.ts';
import { operationsOf } from './operations.ts';

function offered(document: unknown, token: string | null = null): Offered {
  const text = typeof document === 'string' ? document : JSON.stringify(document);
  return operationsOf(readOpenApi(text, 'the document'), token);
}

/** A document of one operation. */
function only(path: string, method: string, operation: object, rest: object = {}) {
  return { openapi: '3.1.0', info: {}, paths: { [path]: { [method]: operation } }, ...rest };
}

function configs({ candidates }: Offered): Record<string, OperationConfig> {
  return Object.fromEntries(candidates.map(({ label, config }) => [label, config]));
}

function reasons({ unused }: Offered): Record<string, string> {
  return Object.fromEntries(unused.map(({ label, reason }) => [label, reason]));
}

const jsonBody = (schema: object) => ({
  requestBody: { required: true, content: { 'application/json': { schema } } },
});

const JOBS = {
  openapi: '3.1.0',
  info: { title: 'Jobs', version: '1' },
  servers: [{ url: 'https://jobs.example/{stage}/v2', variables: { stage: { default: 'prod' } } }],
  paths: {
    '/jobs': {
      get: { operationId: 'listJobs', responses: {} },
      post: {
        operationId: 'create_job_jobs_post',
        ...jsonBody({ $ref: '#/components/schemas/NewJob' }),
        responses: {
          202: {
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Job' } } },
          },
        },
      },
    },
    '/jobs/{job_id}': {
      parameters: [{ name: 'job_id', in: 'path', required: true, schema: { type: 'string' } }],
      get: {
        responses: {
          200: {
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Job' } } },
          },
        },
      },
      delete: { responses: { 204: {} } },
    },
    '/tenants/{tenant}/jobs': {
      get: {
        parameters: [
          { name: 'tenant', in: 'path', required: true, example: 'acme & co' },
          { name: 'q', in: 'query', required: true, schema: { type: 'string' } },
          { name: 'page', in: 'query', schema: { type: 'integer' } },
          {
            name: 'X-Trace',
            in: 'header',
            required: true,
            schema: { type: 'string' },
            example: 't1',
          },
        ],
        responses: {},
      },
    },
    '/users/{id}': { get: { responses: {} }, delete: { responses: {} } },
    '/admin/shutdown': { post: { responses: {} } },
    '/old': { get: { deprecated: true, responses: {} } },
  },
  components: {
    schemas: {
      NewJob: {
        type: 'object',
        required: ['title', 'content', 'priority', 'kind', 'email'],
        properties: {
          id: { type: 'string', readOnly: true },
          title: { type: 'string' },
          content: { type: 'string' },
          priority: { type: 'integer', minimum: 3 },
          kind: { enum: ['text', 'image'] },
          email: { type: 'string', format: 'email' },
          notes: { type: 'string' },
        },
      },
      Job: {
        type: 'object',
        properties: {
          job_id: { type: 'string' },
          status: { enum: ['queued', 'running', 'done', 'failed'] },
        },
      },
    },
  },
};

describe('an OpenAPI document', () => {
  test('gives kinds by method, paths below the first server, and promises that it spells out', () => {
    expect(configs(offered(JOBS))).toEqual({
      'GET /jobs': { get: '/prod/v2/jobs' },
      'POST /jobs': {
        post: '/prod/v2/jobs',
        json: {
          title: '${title}',
          content: '${document}',
          priority: 3,
          kind: 'text',
          email: 'user${index}@example.com',
        },
        id: '$.job_id',
        done: {
          get: '/prod/v2/jobs/${id}',
          until: { '$.status': ['done'] },
          failed: { '$.status': ['failed'] },
        },
      },
      'DELETE /jobs/{job_id}': { delete: '/prod/v2/jobs/${id}', deletes: 'postJobs' },
      'GET /tenants/{tenant}/jobs': {
        get: '/prod/v2/tenants/acme%20%26%20co/jobs?q=${text}',
        headers: { 'X-Trace': 't1' },
      },
    });
  });

  test('lists what cannot be used, with the reason', () => {
    expect(reasons(offered(JOBS))).toEqual({
      'GET /users/{id}': "needs a value for {id}: give it by --request 'GET /users/{id}'",
      'DELETE /users/{id}': 'no write is known to make what it deletes',
      'POST /admin/shutdown': expect.stringContaining('may end or empty the server'),
      'GET /old': 'the document calls it deprecated',
    });
  });

  test('gives operations that a config may have', () => {
    const { candidates } = offered(JOBS);
    const operations = Object.fromEntries(candidates.map(({ name, config }) => [name, config]));
    const config = { server: { command: 'x' }, operations };
    expect([...shapeProblems(config), ...configProblems(config, {})]).toEqual([]);
    const [first, second] = [1, 2].map((index) => {
      const input = {
        index,
        title: `Guide ${index}`,
        sentence: '',
        document: '',
        text: '',
        id: null,
      };
      return buildOperation('postJobs', operations.postJobs!).request(input).body;
    });
    expect(first).not.toEqual(second);
  });

  test('knows streams, forms, files and texts by their content types', () => {
    const body = (type: string, media: object) =>
      only('/x', 'post', { requestBody: { required: true, content: { [type]: media } } });
    const one = (document: object): OperationConfig =>
      Object.values(configs(offered(document)))[0]!;
    const fields = {
      type: 'object',
      properties: { name: { type: 'string' }, n: { type: 'integer' } },
    };
    expect(one(body('application/x-www-form-urlencoded', { schema: fields }))).toEqual({
      post: '/x',
      form: { name: '${title}', n: '1' },
    });
    const upload = {
      type: 'object',
      properties: { file: { type: 'string', format: 'binary' }, lang: { default: 'en' } },
    };
    expect(one(body('multipart/form-data', { schema: upload }))).toEqual({
      post: '/x',
      multipart: {
        file: { text: '${document}', filename: '${title}.md', type: 'text/markdown' },
        lang: 'en',
      },
    });
    expect(one(body('text/csv', {}))).toEqual({
      post: '/x',
      body: '${document}',
      headers: { 'content-type': 'text/csv' },
    });
    const answers = (type: string) =>
      only('/x', 'get', { responses: { 200: { content: { [type]: {} } } } });
    expect(one(answers('text/event-stream'))).toEqual({ get: '/x', stream: 'sse' });
    expect(one(answers('application/x-ndjson'))).toEqual({ get: '/x', stream: 'ndjson' });
    expect(reasons(offered(body('image/png', {})))['POST /x']).toBe(
      'needs a body of image/png, which hanglab could not make: give it by --request',
    );
    const png = { schema: upload, encoding: { file: { contentType: 'image/png' } } };
    expect(reasons(offered(body('multipart/form-data', png)))['POST /x']).toContain(
      'needs a file of image/png',
    );
  });

  test('sends a token as the document says, and needs one where it asks for it', () => {
    const secured = (scheme: object) =>
      only(
        '/x',
        'get',
        { responses: {} },
        {
          security: [{ key: [] }],
          components: { securitySchemes: { key: scheme } },
        },
      );
    const bearer = secured({ type: 'http', scheme: 'bearer' });
    expect(reasons(offered(bearer))['GET /x']).toBe('needs a token: give --token');
    expect(configs(offered(bearer, 's3'))['GET /x']?.headers).toEqual({
      authorization: 'Bearer s3',
    });
    const header = secured({ type: 'apiKey', in: 'header', name: 'X-Key' });
    expect(configs(offered(header, 's3'))['GET /x']?.headers).toEqual({ 'X-Key': 's3' });
    const query = secured({ type: 'apiKey', in: 'query', name: 'key' });
    expect(configs(offered(query, 'a b'))['GET /x']?.get).toBe('/x?key=a%20b');
    const basic = secured({ type: 'http', scheme: 'basic' });
    expect(configs(offered(basic, 'me:pw'))['GET /x']?.headers).toEqual({
      authorization: `Basic ${Buffer.from('me:pw').toString('base64')}`,
    });
    const optional = { ...bearer, security: [{ key: [] }, {}] };
    expect(configs(offered(optional))['GET /x']).toEqual({ get: '/x' });
  });

  test('may be Swagger 2, and YAML', () => {
    const swagger = `
swagger: '2.0'
info: { title: Old }
basePath: /api
paths:
  /notes:
    post:
      consumes: [application/json]
      parameters:
        - { in: body, name: note, required: true, schema: { $ref: '#/definitions/Note' } }
      responses: { 201: { schema: { $ref: '#/definitions/Note' } } }
  /upload:
    post:
      consumes: [multipart/form-data]
      parameters: [{ in: formData, name: file, type: file, required: true }]
      responses: {}
definitions:
  Note: { type: object, required: [title], properties: { id: { type: integer }, title: { type: string } } }
`;
    expect(configs(offered(swagger))).toEqual({
      'POST /notes': { post: '/api/notes', json: { title: '${title}' }, id: '$.id' },
      'POST /upload': {
        post: '/api/upload',
        multipart: {
          file: { text: '${document}', filename: '${title}.md', type: 'text/markdown' },
        },
      },
    });
  });
});

describe('a document that means harm', () => {
  const doubling = Object.fromEntries(
    Array.from({ length: 40 }, (_, i) => [
      `L${i}`,
      {
        type: 'object',
        properties: {
          a: { $ref: `#/components/schemas/L${i + 1}` },
          b: { $ref: `#/components/schemas/L${i + 1}` },
        },
      },
    ]),
  );

  test.each([
    [
      'unfolds to a thousand million values',
      { $ref: '#/components/schemas/L0' },
      'unfolds to more than',
    ],
    [
      'asks for a list without end',
      { type: 'array', minItems: 1e9, items: { type: 'string' } },
      'at least 1000000000 items',
    ],
    [
      'nests such lists',
      { type: 'array', minItems: 1000, items: { type: 'array', minItems: 1000, items: {} } },
      'at least 1000 items',
    ],
    [
      'asks for a text without end',
      { type: 'string', minLength: 1e9 },
      'at least 1000000000 characters',
    ],
    ['refers to a file', { $ref: 'file:///etc/passwd' }, 'outside of the document'],
    ['refers to another host', { $ref: 'http://10.0.0.1/x.json' }, 'outside of the document'],
    ['refers to nothing', { $ref: '#/components/schemas/Nobody' }, 'nothing is at'],
    ['refers in a circle', { $ref: '#/components/schemas/Circle' }, 'leads in a circle'],
  ])('%s: is reported, at once', (_, schema, reason) => {
    const components = {
      schemas: { ...doubling, Circle: { $ref: '#/components/schemas/Circle' } },
    };
    const startMs = performance.now();
    const found = offered(only('/x', 'post', jsonBody(schema), { components }));
    expect(found.candidates).toEqual([]);
    expect(reasons(found)['POST /x']).toContain(reason);
    expect(performance.now() - startMs).toBeLessThan(2_000);
  });

  test('with a schema that has itself as a member gives a finite body', () => {
    const Node = {
      type: 'object',
      properties: { title: { type: 'string' }, child: { $ref: '#/components/schemas/Node' } },
    };
    const document = only('/x', 'post', jsonBody({ $ref: '#/components/schemas/Node' }), {
      components: { schemas: { Node } },
    });
    expect(JSON.stringify(configs(offered(document))['POST /x']?.json)).toContain('${title}');
  });

  test('cannot set a prototype, nor have its placeholders filled in', () => {
    const media = { example: { polluted: { isAdmin: true }, a: 1 } };
    const text = JSON.stringify(
      only('/x', 'post', { requestBody: { content: { 'application/json': media } } }),
    ).replace('polluted', '__proto__');
    const json = configs(offered(text))['POST /x']?.json as Record<string, unknown>;
    expect(Object.keys(json)).toEqual(['a']);
    expect(json.isAdmin).toBeUndefined();
    const example = only('/x', 'post', {
      requestBody: { content: { 'application/json': { example: { a: '${secret}' } } } },
    });
    expect(reasons(offered(example))['POST /x']).toContain('would read as a placeholder');
  });

  test.each([
    ['not JSON', '{"openapi": ', /JSON/],
    ['another version', '{"openapi":"4.0.0","paths":{}}', /expected "openapi": "3.x"/],
    ['no paths', '{"openapi":"3.0.0"}', /no paths/],
    ['a page', '<html><body>404</body></html>', /expected/],
    [
      'nested without end',
      `{"openapi":"3.0.0","paths":${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}}`,
      /./,
    ],
    [
      'aliases without end',
      `openapi: 3.0.0\npaths: {}\n${Array.from({ length: 30 }, (_, i) => `a${i}: &a${i} [${i === 0 ? '1' : `*a${i - 1},*a${i - 1}`}]`).join('\n')}`,
      /alias/i,
    ],
  ])('is refused: %s', (_, text, why) => {
    expect(() => readOpenApi(text, 'it')).toThrow(why);
    try {
      readOpenApi(text, 'it');
    } catch (error) {
      expect(error).toMatchObject({ code: 'bad-openapi' });
    }
  });
});
