/** Whose code a file of Python is. */
import type { Origin } from '../../diagnosis.ts';

/** Python's own library, and what was installed beside it; what is built in has no file (`<frozen os>`). */
export function originOf(file: string): Origin {
  if (/\/(site-packages|dist-packages)\//.test(file)) return 'package';
  if (/\/lib(64)?\/python[\d.]+\//.test(file)) return 'runtime';
  return file.startsWith('<') || file === '' ? 'unknown' : 'program';
}
