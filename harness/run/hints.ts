/** What a run can tell the diagnosis of its target beforehand: read from its history. Pure. */
import type { CheckId } from '../checks/check.ts';
import { type RequestAge, requestAges } from '../checks/liveness/every-request-ends.ts';
import { standstills } from '../checks/liveness/progress.ts';
import { trustedTime } from '../checks/trusted-time.ts';
import type { RunHints } from '../diagnosis/run-hints.ts';
import { type History, phasesOf, runOf } from '../history/history.ts';

/** @param failed the checks that failed: only where a count did not come back is there a leak to name. */
export function hintsOf(
  history: History,
  links: Readonly<Record<string, number>>,
  failed: readonly CheckId[],
): RunHints {
  const exit = history.of('target-exit').findLast(({ expected }) => !expected);
  const flat = standstills(history).find(({ toMs }) => toMs === history.untilMs);
  const audits = history.of('audit').filter(({ claimAgeMs }) => claimAgeMs !== null);
  const baseline = baselineOf(history);
  const ages = requestAges(history, trustedTime(history)).filter(({ end }) => end === null);
  const isIndexing = ({ request }: RequestAge): boolean => request.operation === 'indexing';
  const { requestMs } = runOf(history).limits;
  return {
    ...(exit ? { exit: { code: exit.code, signal: exit.signal } } : {}),
    requestsInFlight: ages
      .filter((each) => !isIndexing(each))
      .map(({ request: { operation, subject }, wallMs }) => ({
        operation,
        subject,
        ageMs: wallMs,
      })),
    requestLimitMs: requestMs,
    upstreamInFlight: upstreamInFlight(history),
    links: { ...links },
    ...(baseline ? { baseline } : {}),
    restingRssBytes: restingRssBytes(history, baseline),
    healthFailed: failed.includes('health'),
    quiesced: failed.some((check) => check.endsWith('-back')),
    progressFlatMs: Math.round(flat?.trustedMs ?? 0),
    lateWorkMs: Math.max(
      0,
      ...ages.flatMap((each) => (isIndexing(each) && each.ageMs > requestMs ? each.ageMs : [])),
    ),
    ...(audits.length > 0
      ? {
          staleClaims: {
            count: audits.length,
            oldestMs: Math.max(...audits.map(({ claimAgeMs }) => claimAgeMs ?? 0)),
          },
        }
      : {}),
  };
}

function upstreamInFlight(history: History): NonNullable<RunHints['upstreamInFlight']> {
  const ended = new Set(history.of('model-end').map(({ id }) => id));
  const spoke = new Map(history.of('model-first-byte').map(({ id, t }) => [id, t]));
  const silent = new Map(history.of('model-silent').map(({ id, t }) => [id, t]));
  return history
    .of('model-start')
    .filter(({ id }) => !ended.has(id))
    .map(({ id, operation, t }) => {
      const lastSignMs = silent.get(id) ?? spoke.get(id) ?? t;
      return {
        upstream: operation === 'embeddings' ? 'embeddings' : 'llm',
        operation,
        ageMs: history.untilMs - t,
        silentMs: silent.has(id) || !spoke.has(id) ? history.untilMs - lastSignMs : 0,
      };
    });
}

/** At rest before the load, and after each round of it: a run is one round. */
function restingRssBytes(history: History, baseline: RunHints['baseline']): number[] {
  const last = history.of('process').at(-1)?.rssBytes;
  return [baseline?.rssBytes, last].filter((bytes) => bytes !== undefined);
}

/** What the process held after warmup. */
function baselineOf(history: History): RunHints['baseline'] {
  const { baseline } = phasesOf(history);
  const isBefore = ({ t }: { t: number }) => baseline === undefined || t <= baseline.fromMs;
  const sample = history.of('process').findLast(isBefore);
  if (!sample) return undefined;
  const { fds, threads, children, rssBytes } = sample;
  const counts = { fds, threads, children, rssBytes };
  const resources = history.of('resources').findLast(isBefore);
  if (!resources) return counts;
  // Open connections of its clients are theirs to close, as in `ownSockets`.
  const own = resources.sockets.filter(
    ({ peer, state }) => peer !== 'front' || state !== 'ESTABLISHED',
  );
  return {
    ...counts,
    sockets: own.reduce((sum, { count }) => sum + count, 0),
    fdsByKind: resources.fdsByKind,
    fdsByPath: resources.fdsByPath,
    threadsByName: Object.fromEntries(resources.threads.map(({ name, count }) => [name, count])),
  };
}
