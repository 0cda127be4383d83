/** The page of several runs. Runs that did not pass are in it as a whole, as long as there is room. */
import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { HanglabError, messageOf } from '../../platform/errors.ts';
import type { PageVerdict, RunPage, SuiteEntry, SuitePage } from '../page/page-data.ts';
import { version } from '../version.ts';
import { readPlan, readVerdict } from './run-folder.ts';
import { pageOf, runPage } from './run-page.ts';
import { TimelineFold } from './timeline.ts';

/** What a suite's page is made of: a folder for each run, or why there is none. */
export type SuitePart =
  | { folder: string }
  | { name: string; skipped: string }
  /** It never began, or its folder cannot be read. */
  | { name: string; failed: string };

/** All whole runs in one page together, as JSON: compressed about a fifth of it. */
const MAX_EMBEDDED_BYTES = 6_000_000;

/** What needs a reader comes first. */
const ORDER: readonly SuiteEntry['verdict'][] = [
  ...(['fail', 'none', 'inconclusive', 'running', 'pass', 'skipped'] as const),
];

/** @param out the folder of the page, from which it links to the runs. */
export async function suitePage(
  out: string,
  parts: readonly SuitePart[],
  notes: readonly string[] = [],
): Promise<SuitePage> {
  const runs: SuiteEntry[] = [];
  let embeddedBytes = 0;
  let startedAt: string | null = null;
  for (const part of parts) {
    if (!('folder' in part)) {
      runs.push(withoutRun(part));
      continue;
    }
    const page = await pageFor(part.folder).catch((error: unknown) => messageOf(error));
    if (typeof page === 'string') {
      runs.push(withoutRun({ name: relative(out, part.folder), failed: page }));
      continue;
    }
    startedAt ??= page.startedAt;
    const bytes = page.verdict === 'pass' ? 0 : JSON.stringify(page).length;
    const hasRoom = page.verdict !== 'pass' && embeddedBytes + bytes <= MAX_EMBEDDED_BYTES;
    if (hasRoom) embeddedBytes += bytes;
    runs.push(entryOf(page, out, part.folder, hasRoom));
  }
  runs.sort((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict));
  const verdict = worstOf(runs.map((run) => run.verdict));
  return {
    ...{ schema: 'hanglab.page/1', kind: 'suite', hanglab: version(), verdict, startedAt, runs },
    notes: [...notes],
    writtenAt: new Date().toISOString(),
    title: `suite: ${verdict}`,
  };
}

/** Of a run that passed only the line is shown: its history is not read again. */
async function pageFor(folder: string): Promise<RunPage> {
  const hasPassed = readVerdict(folder)?.verdict === 'pass';
  return hasPassed ? pageOf(folder, new TimelineFold()) : await runPage(folder);
}

function entryOf(page: RunPage, out: string, folder: string, isWhole: boolean): SuiteEntry {
  const { scenario, variant, verdict, headline, durationMs, repro, findings } = page;
  const report = join(folder, 'report.html');
  return {
    ...{ name: scenario, variant, verdict, headline, durationMs, repro },
    href: existsSync(report) ? relative(out, report) : null,
    findings: findings.filter((finding) => /^(fail|inconclusive)$/.test(finding.verdict)),
    page: isWhole ? page : null,
  };
}

function withoutRun(
  part: { name: string } & ({ skipped: string } | { failed: string }),
): SuiteEntry {
  const isSkipped = 'skipped' in part;
  return {
    ...{ name: part.name, variant: null, verdict: isSkipped ? 'skipped' : 'none' },
    headline: isSkipped ? part.skipped : part.failed,
    ...{ durationMs: 0, href: null, repro: null, findings: [], page: null },
  };
}

function worstOf(verdicts: readonly SuiteEntry['verdict'][]): PageVerdict {
  const worst = (['fail', 'inconclusive', 'none', 'running'] as const).find((verdict) =>
    verdicts.includes(verdict),
  );
  return worst ?? 'pass';
}

/**
 * The newest run of each scenario and variant below `out`, as the folders that `run` makes.
 * @throws HanglabError `no-such-run` when there is none.
 */
export function newestRuns(out: string): string[] {
  const folders = subfolders(out).flatMap((scenario) => {
    const newest = new Map<string, string>();
    // Their names sort as their times do.
    for (const run of subfolders(scenario)) {
      if (existsSync(join(run, 'scenario.json'))) newest.set(readPlan(run).defect ?? '', run);
    }
    return [...newest.values()];
  });
  if (folders.length > 0) return folders;
  const expected = 'expected the folder of a run, or one with runs in it';
  throw new HanglabError('no-such-run', `${out}: ${expected}`);
}

function subfolders(path: string): string[] {
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(path, name))
    .toSorted();
}
