/** Whose code a file of JavaScript is. */
import type { Origin } from '../diagnosis.ts';

/**
 * Node's own files are `node:` without a path, and its HTTP parser is compiled to WebAssembly; packages lie
 * in `node_modules`, also as a bundler's URL names them. Code that was evaluated has no file.
 */
export function originOf(file: string): Origin {
  if (/^(node|wasm):/.test(file)) return 'runtime';
  if (file === '' || /^(<|\[|evalmachine\.)/.test(file)) return 'unknown';
  return /(^|\/)node_modules\//.test(file) ? 'package' : 'program';
}
