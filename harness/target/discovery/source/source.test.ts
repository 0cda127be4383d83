/** What the source of a server without a document says: its routes, and the services that it calls. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { routesIn } from './routes.ts';
import { sourceFiles } from './source-files.ts';
import { likelyUpstreams } from './upstreams.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'source-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

const labelsOf = (files: Readonly<Record<string, string>>): string[] => {
  write(files);
  return routesIn(sourceFiles(folder)).candidates.map(({ label }) => label);
};

describe('routes', () => {
  test.for([
    ['Express', 'a.js', `app.get('/a', (q, r) => r.end()); router.get("/b", list);`],
    ['Fastify', 'a.ts', `app.get('/a', f); app.route({ method: 'GET', url: '/b', handler })`],
    ['node:http', 'a.mjs', `if (request.url === '/a') x(); if (url.pathname === "/b") y();`],
    ['FastAPI', 'a.py', `@app.get("/a")\nasync def a(): ...\n@api.router.get('/b', tags=[])`],
    ['Flask', 'a.py', `@app.route('/a')\ndef a(): ...\n@app.route("/b", methods=["GET"])`],
    ['aiohttp', 'a.py', `app.router.add_get('/a', a); app.add_routes([web.get('/b', b)])`],
    ['http.server', 'a.py', `if self.path == '/a':\n  x()\nelif self.path == "/b":`],
    ['net/http', 'a.go', `http.HandleFunc("/a", a); mux.HandleFunc("GET /b", b)`],
    ['gin and chi', 'a.go', `r.GET("/a", a); r.Get("/b", b)`],
  ])('of %s', ([, file = '', text = '']) => {
    expect(labelsOf({ [file]: text })).toEqual(['GET /a', 'GET /b']);
  });

  test('that need something say what to give', () => {
    write({
      'server.js': `\napp.post('/orders', f);\napp.get('/orders/:id', f); app.get('/shutdown', f);`,
    });
    expect(routesIn(sourceFiles(folder))).toEqual({
      candidates: [],
      unused: [
        {
          label: 'POST /orders',
          reason: `server.js:2: needs a request: give --request 'POST /orders {"name":"value"}'`,
        },
        {
          label: 'GET /orders/:id',
          reason: `server.js:3: needs a value in its path: give --request 'GET /orders/…'`,
        },
        { label: 'GET /shutdown', reason: expect.stringContaining('may end or empty the server') },
      ],
    });
  });

  test('are not looked for in tests, in what others wrote, behind links, and in large files', () => {
    const route = `app.get('/no', f);`;
    write({
      'node_modules/x/index.js': route,
      '.cache/a.js': route,
      'test/a.js': route,
      'a.test.ts': route,
      'large.js': route + ' '.repeat(400_000),
      'src/deep/a.js': `app.get('/yes', f);`,
    });
    symlinkSync(join(folder, 'node_modules'), join(folder, 'lib'));
    expect(routesIn(sourceFiles(folder)).candidates.map(({ label }) => label)).toEqual([
      'GET /yes',
    ]);
  });
});

describe('services that it calls', () => {
  test('by the defaults in its source', () => {
    write({
      'a.js': `const a = process.env.STOCK_URL || 'http://127.0.0.1:7071/v1';`,
      'b.py': `b = os.environ.get("CACHE_HOST", "localhost:6379"); c = os.getenv("ELSEWHERE", "https://x.example")`,
      'c.go': `inv := os.Getenv("INVENTORY_URL"); if inv == "" { inv = "http://127.0.0.1:7072" }`,
    });
    expect(likelyUpstreams({}, sourceFiles(folder))).toEqual([
      { name: 'stock', at: '127.0.0.1:7071', variable: 'STOCK_URL', from: 'a.js:1' },
      { name: 'cache', at: 'localhost:6379', variable: 'CACHE_HOST', from: 'b.py:1' },
      { name: 'inventory', at: '127.0.0.1:7072', variable: 'INVENTORY_URL', from: 'c.go:1' },
    ]);
  });

  test('by variables that are set and that its source reads', () => {
    write({ 'a.js': `connect(process.env.DATABASE_URL); process.env.HTTP_PROXY` });
    const environment = {
      DATABASE_URL: 'postgres://me:pw@localhost:5432/db',
      OTHER_URL: 'http://localhost:1',
      HTTP_PROXY: 'http://127.0.0.1:3128',
    };
    expect(likelyUpstreams(environment, sourceFiles(folder))).toEqual([
      {
        name: 'database',
        at: 'localhost:5432',
        variable: 'DATABASE_URL',
        from: 'the environment',
      },
    ]);
  });
});
