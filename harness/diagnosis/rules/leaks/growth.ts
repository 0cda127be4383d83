/** One kind of thing that a process holds, compared with what it held at rest before the load. */
import type { DiagnosisCode } from '../../codes.ts';

export interface Growth {
  code: DiagnosisCode;
  /** `open descriptors`. */
  what: string;
  before: number;
  now: number;
  /** What of the growth is its own: not another kind's doing, and not a runtime's pool. */
  own: number;
  /** Descriptors that one of it takes. */
  weightFds: number;
  /** What has grown, in words, most first. */
  names: string[];
}

/** Beyond what may be left over: as the checks after quiesce allow it, of a load of no known size. */
export function isLeak({ before, own }: Growth): boolean {
  return own > Math.max(4, before * 0.1);
}
