/**
 * The options of loads, faults and checks, checked strictly where a scenario names them. A problem is kept
 * with its place until the scenario is declared, so that all of them are reported at once.
 */
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type Duration, toMs } from './duration.ts';
import { didYouMean, messageOf } from './errors.ts';

/** `250ms`, `2s`, or milliseconds. */
export const duration = z.custom<Duration>().superRefine((value, context) => {
  try {
    toMs(value);
  } catch (error) {
    context.addIssue({ code: 'custom', message: messageOf(error) });
  }
});
export const count = z.int().min(1);
export const range = z
  .tuple([z.int().min(0), z.int().min(0)])
  .refine(([min, max]) => min <= max, 'expected the smaller number first');

let problems: string[] = [];

/**
 * Checks the options that a scenario gives to `name`.
 * @returns them when they are valid; else null, and the problem is kept for `takeProblems`.
 */
export function checkOptions(name: string, shape: z.ZodObject, given: unknown): void {
  const { success, error } = shape.safeParse(given);
  if (success) return;
  const place = callSite();
  const known = Object.keys(shape.shape);
  for (const issue of error.issues) {
    for (const text of sentencesOf(issue, known)) problems.push(`${place}: ${name}: ${text}`);
  }
}

/** What was wrong since the last call, each with its place. */
export function takeProblems(): string[] {
  const taken = problems;
  problems = [];
  return taken;
}

function sentencesOf(issue: z.core.$ZodIssue, known: readonly string[]): string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const hint = didYouMean(key, known);
      const all =
        known.length === 0 ? ' It has no options' : ` Expected one of ${known.join(', ')}`;
      return `there is no option "${key}".${hint === '' ? all : hint}`;
    });
  }
  const path = issue.path.map(String).join('.');
  return [path === '' ? issue.message : `${path}: ${issue.message}`];
}

/** hanglab's own folders: a scenario calls from outside of them. */
const OWN = /\/harness\/(checks|faults|load|platform|scenario)\//;

/** `file:line` of the scenario's call. */
function callSite(): string {
  const frames = (new Error().stack ?? '').split('\n').slice(1);
  const outside = frames.find((frame) => !OWN.test(frame)) ?? '';
  const [, url = '', line = ''] = /\(?((?:file:\/\/)?\/[^():]*):(\d+):\d+\)?$/.exec(outside) ?? [];
  const file = url.startsWith('file://') ? fileURLToPath(url) : url;
  return file === '' ? 'scenario' : `${file}:${line}`;
}
