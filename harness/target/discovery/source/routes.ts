/**
 * The routes that a server's source declares, for a server without a document. They are found by how the usual
 * frameworks write them, so each is a guess: it counts only once the running server has answered it.
 */
import {
  type Candidate,
  DANGEROUS_REASON,
  isDangerous,
  nameFor,
  type Offered,
} from '../offered.ts';
import type { SourceFile } from './source-files.ts';

interface Route {
  /** `GET` */
  method: string;
  path: string;
  /** `server.js:12` */
  place: string;
}

interface Form {
  extensions: readonly string[];
  /** With the groups `method` and `path`; without a method it is a GET. */
  pattern: RegExp;
}

const JS = ['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts'];
const FORMS: readonly Form[] = [
  // app.get('/x', …), router.post("/x", …): Express, Fastify, Koa, Hono
  {
    extensions: JS,
    pattern: /\.(?<method>get|post|put|patch|delete)\(\s*(['"`])(?<path>\/[^'"`\s]*)\2\s*,/g,
  },
  // route({ method: 'GET', url: '/x' }): Fastify, hapi
  {
    extensions: JS,
    pattern:
      /\bmethod:\s*['"](?<method>\w+)['"]\s*,\s*(?:url|path):\s*(['"`])(?<path>\/[^'"`\s]*)\2/g,
  },
  // if (request.url === '/x'): a server without a framework
  {
    extensions: JS,
    pattern: /\b(?:url|path|pathname)\s*===?\s*(['"`])(?<path>\/[^'"`\s]*)\1/g,
  },
  // @app.get("/x"): FastAPI, Flask, Sanic, Litestar
  {
    extensions: ['.py'],
    pattern:
      /@\w+(?:\.\w+)*\.(?<method>get|post|put|patch|delete)\(\s*(['"])(?<path>\/[^'"\s]*)\2/g,
  },
  // @app.route("/x", methods=["POST"]): Flask, Bottle, Quart
  {
    extensions: ['.py'],
    pattern:
      /@\w+(?:\.\w+)*\.route\(\s*(['"])(?<path>\/[^'"\s]*)\1(?:[^)\n]*methods?\s*=\s*[[(]?\s*['"](?<method>\w+)['"])?/g,
  },
  // web.get("/x", …), router.add_post("/x", …): aiohttp
  {
    extensions: ['.py'],
    pattern:
      /\b(?:web\.|add_)(?<method>get|post|put|patch|delete)\(\s*(['"])(?<path>\/[^'"\s]*)\2/g,
  },
  // self.path == "/x": http.server
  { extensions: ['.py'], pattern: /\bpath\s*==\s*(['"])(?<path>\/[^'"\s]*)\1/g },
  // mux.HandleFunc("GET /x", …): net/http, gorilla/mux
  {
    extensions: ['.go'],
    pattern: /\.Handle(?:Func)?\(\s*"(?:(?<method>[A-Z]+) )?(?<path>\/[^"\s]*)"/g,
  },
  // r.GET("/x", …), r.Get("/x", …): gin, echo, chi, fiber
  {
    extensions: ['.go'],
    pattern:
      /\.(?<method>GET|POST|PUT|PATCH|DELETE|Get|Post|Put|Patch|Delete)\(\s*"(?<path>\/[^"\s]*)"/g,
  },
];

/** `:id`, `{id}`, `<int:id>`, `*rest`, `${id}`: a part that a request has to fill. */
const PARAMETER = /[:{<*$(]/;
const MAX_ROUTES = 60;

/** Reads without parameters are candidates; for everything else it says what to give. */
export function routesIn(files: readonly SourceFile[]): Offered {
  const candidates: Candidate[] = [];
  const unused: { label: string; reason: string }[] = [];
  for (const { method, path, place } of declared(files)) {
    const label = `${method} ${path}`;
    const leave = (reason: string): void =>
      void unused.push({ label, reason: `${place}: ${reason}` });
    if (isDangerous(path)) leave(DANGEROUS_REASON);
    else if (PARAMETER.test(path))
      leave(`needs a value in its path: give --request '${method} ${filledBy(path)}'`);
    else if (method !== 'GET') leave(`needs a request: give --request '${label} {"name":"value"}'`);
    else candidates.push({ name: nameFor('get', path), label, config: { get: path }, guesses: [] });
  }
  return { candidates, unused };
}

function filledBy(path: string): string {
  return path.replaceAll(/[^/]*[:{<*$(][^/]*/g, '…');
}

function declared(files: readonly SourceFile[]): Route[] {
  const routes = new Map<string, Route>();
  for (const { path: file, extension, text } of files) {
    for (const { extensions, pattern } of FORMS) {
      if (!extensions.includes(extension)) continue;
      for (const match of text.matchAll(pattern)) {
        const { path = '', method = 'GET' } = match.groups ?? {};
        const label = `${method.toUpperCase()} ${path}`;
        if (routes.has(label)) continue;
        if (routes.size >= MAX_ROUTES) return [...routes.values()];
        const line = text.slice(0, match.index).split('\n').length;
        routes.set(label, { method: method.toUpperCase(), path, place: `${file}:${line}` });
      }
    }
  }
  return [...routes.values()];
}
