/** What a document, a recording or a person says that a server offers: operations, and what cannot be used. */
import type { OperationConfig } from '../config/config.ts';
import type { ItemPaths } from './promised.ts';

export interface Candidate {
  /** Its name in the config and in reports: `createDocument`. */
  name: string;
  /** As a person calls it: `POST /documents`. */
  label: string;
  /** Plain data, no functions: it can be written down. */
  config: OperationConfig;
  /** What was guessed about it, a sentence each: the comments of the written config. */
  guesses: readonly string[];
  /** Of a write: how one of its results is reached, where something says so. */
  item?: ItemPaths;
  /** Values that are not written down: each is read from a variable of the environment instead. */
  secrets?: readonly Secret[];
  /** Texts that were read from files: the written config reads them again. */
  files?: readonly FileText[];
}

export interface Secret {
  value: string;
  /** `HANGLAB_TOKEN` */
  variable: string;
  /** What is written in its place; the variable as it is when not given. */
  expression?: string;
}

export interface FileText {
  text: string;
  path: string;
}

/** An operation that is left out, and what would make it usable. */
export interface Unused {
  label: string;
  reason: string;
}

export interface Offered {
  candidates: readonly Candidate[];
  unused: readonly Unused[];
}

/**
 * All of them together. Of two with the same label the first is taken, with what the other knows of the paths of
 * its results; a name that is taken gets a number.
 */
export function together(parts: readonly Offered[]): Offered {
  const candidates: Candidate[] = [];
  for (const part of parts) {
    const names = new Map<string, string>();
    for (const candidate of part.candidates) {
      const { deletes } = candidate.config;
      const same = candidates.findIndex(({ label }) => label === candidate.label);
      const before = candidates[same];
      if (before !== undefined) {
        candidates[same] = candidate.item ? { item: candidate.item, ...before } : before;
        continue;
      }
      const write = deletes === undefined ? null : names.get(deletes);
      // The write that it belongs to is not taken: that finds its own way to delete.
      if (write === undefined) continue;
      const taken = candidates.map(({ name }) => name);
      const name = freeName(candidate.name, taken);
      names.set(candidate.name, name);
      const config = write === null ? candidate.config : { ...candidate.config, deletes: write };
      candidates.push({ ...candidate, name, config });
    }
  }
  return {
    candidates,
    unused: withoutUsed(
      parts.flatMap(({ unused }) => unused),
      candidates,
    ),
  };
}

/** Without those that are used after all, by themselves or to ask for the result of a write. */
export function withoutUsed(
  unused: readonly Unused[],
  candidates: readonly Candidate[],
): readonly Unused[] {
  const used = new Set(
    candidates.flatMap(({ label, item, config }) =>
      config.done && item ? [label, `GET ${item.template}`] : [label],
    ),
  );
  return unused.filter(({ label }) => !used.has(label));
}

/** `name`, or with the next number behind it. */
export function freeName(name: string, taken: readonly string[]): string {
  if (!taken.includes(name)) return name;
  for (let n = 2; ; n++) if (!taken.includes(`${name}${n}`)) return `${name}${n}`;
}

const MAX_NAME = 40;

/** `POST /api/v1/documents/{id}/pages` -> `postDocumentsIdPages`. */
export function nameFor(method: string, path: string): string {
  const segments = path
    .split('?')[0]!
    .split('/')
    .filter((segment) => segment !== '' && !/^(api|v\d+)$/i.test(segment));
  const words = segments.flatMap((segment) => segment.match(/[a-zA-Z0-9]+/g) ?? []);
  const camel = words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('');
  return `${method.toLowerCase()}${camel === '' ? 'Root' : camel}`.slice(0, MAX_NAME);
}

/** Paths of requests that may end a server, empty it, or lock the caller out. */
const DANGEROUS =
  /(^|[/_-])(shutdown|restart|reboot|reset|purge|wipe|truncate|drop|destroy|terminate|kill|logout|signout|sign-out|restore|rollback|uninstall)([/_?-]|$)/i;

export function isDangerous(path: string): boolean {
  return DANGEROUS.test(path);
}

export const DANGEROUS_REASON =
  'its path says that it may end or empty the server: give it by --request if it is safe';
