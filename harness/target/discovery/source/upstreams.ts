/**
 * Services of this machine that a server is led to by a variable: one that is set, or one that its source reads
 * with such a default. Only the variable tells how to put a link in between.
 */
import type { SourceFile } from './source-files.ts';

export interface LikelyUpstream {
  /** `redis` */
  name: string;
  /** `127.0.0.1:6379` */
  at: string;
  variable: string;
  /** `the environment`, `server.js:3` */
  from: string;
}

const LOOPBACK = /(?<![\w.-])(127\.0\.0\.1|localhost|\[::1\]):(\d{2,5})(?!\d)/;
/** `process.env.X || 'http://…'`, `os.environ.get("X", "http://…")`, `getenv("X", "…")` */
const DEFAULTS = [
  /process\.env(?:\.|\[['"])(?<variable>[A-Z][A-Z0-9_]*)(?:['"]\])?\s*(?:\|\||\?\?)\s*(['"`])(?<value>[^'"`\n]*)\2/g,
  /(?:environ\.get|getenv)\(\s*(['"])(?<variable>[A-Z][A-Z0-9_]*)\1\s*,\s*(['"])(?<value>[^'"\n]*)\3/g,
] as const;
/** Go has no default: `x := os.Getenv("X"); if x == "" { x = "http://…" }`. */
const GO_DEFAULT =
  /os\.Getenv\("(?<variable>[A-Z][A-Z0-9_]*)"\)[^"]{0,80}""\s*\{[^"}]{0,80}"(?<value>[^"\n]*)"/g;
/** Of the user's shell, or the server's own address. */
const NOT_UPSTREAM =
  /(^|_)(proxy|agent|display|port|bind|listen|public|self|own|origins?|cors|allowed)($|_)|^(npm|vscode|dbus|ssh|xdg|hanglab)_/i;

export function likelyUpstreams(
  environment: Readonly<Record<string, string | undefined>>,
  files: readonly SourceFile[],
): LikelyUpstream[] {
  const found = new Map<string, LikelyUpstream>();
  const take = (variable: string, value: string, from: string): void => {
    const [at, host = ''] = LOOPBACK.exec(value) ?? [];
    if (at === undefined || host === '' || NOT_UPSTREAM.test(variable)) return;
    if (!found.has(variable)) found.set(variable, { name: nameOf(variable), at, variable, from });
  };
  for (const [variable, value = ''] of Object.entries(environment)) {
    if (!isRead(variable, files)) continue;
    take(variable, value, 'the environment');
  }
  for (const { path, text } of files) {
    for (const pattern of [...DEFAULTS, GO_DEFAULT]) {
      for (const { groups = {}, index } of text.matchAll(pattern)) {
        const { variable = '', value = '' } = groups;
        // What is set is what counts.
        if (environment[variable] !== undefined) continue;
        take(variable, value, `${path}:${text.slice(0, index).split('\n').length}`);
      }
    }
  }
  return [...found.values()];
}

/** A shell has addresses of much else: with a source at hand, only what that reads counts. */
function isRead(variable: string, files: readonly SourceFile[]): boolean {
  const name = variable.toLowerCase();
  return files.length === 0 || files.some(({ text }) => text.toLowerCase().includes(name));
}

/** `REDIS_URL` -> `redis` */
function nameOf(variable: string): string {
  const name = variable
    .toLowerCase()
    .replace(/_(url|uri|dsn|host|address|addr|endpoint|base|base_url|api_url|server|broker)$/, '')
    .replaceAll('_', '-')
    .slice(0, 40);
  return /^(llm|front|target|port|tmp)$/.test(name) ? `${name}-service` : name;
}
