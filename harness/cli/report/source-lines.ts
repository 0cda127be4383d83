/** The source of the first place of a diagnosis, below the line that names the cause. */
import type { Diagnosis } from '../../diagnosis/diagnosis.ts';
import { excerptAt } from '../../report/data/excerpt.ts';
import { excerptText } from '../../report/excerpt-text.ts';
import { lookOf, type Output } from '../shared/output.ts';

/** @param indent columns left of it. Empty where the source cannot be read. */
export function sourceLines({ where }: Diagnosis, out: Output, indent: number): string[] {
  const [place] = where;
  const excerpt = place ? excerptAt(place) : null;
  if (!place || !excerpt) return [];
  const { width, paint } = lookOf(out);
  const look = { width: width === null ? null : width - indent, paint };
  const remark = place.waitsFor === '' ? 'stands here' : `waits for ${place.waitsFor}`;
  const blanks = ' '.repeat(indent);
  return excerptText(excerpt, { look, remark, around: 1 }).map((text) => `${blanks}${text}`);
}
