/** Starts the server of a config, sends each of its operations once, and holds the answers to the declaration. */

import type { Reaper } from '../../reaper/reaper.ts';
import { makeReportFolder } from '../../report/folder.ts';
import { calibrate } from '../../run/calibrate.ts';
import {
  applyCalibration,
  type CalibratedOperation,
  type Calibration,
  unanswered,
} from '../../run/calibration.ts';
import { declaredLimits } from '../../target/config/build-target.ts';
import type { OpenApiDocument } from '../../target/discovery/openapi/document.ts';
import { nearestPath } from '../../target/discovery/openapi/nearest-path.ts';
import { findDocument } from '../../target/discovery/running/find-document.ts';
import { httpClient } from '../../target/operations/http.ts';
import type { Operation } from '../../target/operations/operation.ts';
import type { RunningTarget, Target } from '../../target/target.ts';
import type { RunSettingsParsed } from '../run/run-options.ts';

export interface CheckedOperation {
  name: string;
  /** `POST /documents` */
  label: string;
  status: number | null;
  /** What is wrong with its answer. */
  detail: string | null;
  tookMs: number | null;
  /** Upstreams that were called while it was answered. */
  calls: readonly string[];
  isGood: boolean;
}

export interface CheckedServer {
  /** As calibration has left it: what it does not offer is withheld with the reason. */
  target: Target;
  port: number;
  startMs: number;
  answerMs: number;
  operations: readonly CheckedOperation[];
  /** What is not as declared, a sentence each. */
  problems: readonly string[];
  /** Names of operations that were never answered. */
  unanswered: readonly string[];
}

/** @throws HanglabError when the server does not come up. */
export async function checkServer(
  settings: RunSettingsParsed,
  { reaper, signal }: { reaper: Reaper; signal: AbortSignal },
): Promise<CheckedServer> {
  const { loaded, variant, seed, scale, toxiproxy, out } = settings;
  const declared = loaded.target(variant);
  const seen = { port: 0, document: null as OpenApiDocument | null, problems: [] as string[] };
  const describe = async (running: RunningTarget): Promise<Target> => {
    seen.port = running.port;
    await using client = httpClient(`http://${running.host}:${running.port}`);
    seen.document = (await findDocument(client, signal))?.document ?? null;
    seen.problems = await progressProblems(declared, running, signal);
    return declared;
  };
  const answerMs = declared.limits.requestMs;
  const calibration = await calibrate({
    ...{ target: declared, describe, seed, scale, toxiproxy, reaper, signal, answerMs },
    ...{ documentsFolder: null, rounds: 1 },
    reportFolder: makeReportFolder(out, 'check', new Date()),
  });
  const limits = declaredLimits(loaded.config);
  const { target, problems } = applyCalibration(declared, limits, calibration);
  return {
    ...{ target, port: seen.port, startMs: calibration.startMs, answerMs },
    operations: calibration.operations.map((each) => checkedOperation(each, declared)),
    problems: [
      ...problems.map(
        (problem) => problem + nearestTo(problem, calibration, declared, seen.document),
      ),
      ...healthProblems(declared, calibration),
      ...seen.problems,
    ],
    unanswered: unanswered(calibration),
  };
}

const SAMPLE = { index: 1, title: '', sentence: '', document: '', text: '', id: 'ID' };

function labelOf(operation: Operation): string {
  const { method, path } = operation.request(SAMPLE);
  return `${method} ${path}`;
}

function checkedOperation(
  { name, goodMs, last, uses }: CalibratedOperation,
  { operations }: Target,
): CheckedOperation {
  const operation = operations[name];
  const isGood = goodMs.length > 0;
  return {
    name,
    label: operation === undefined ? '' : labelOf(operation),
    status: last?.status ?? null,
    detail: isGood ? null : (last?.detail ?? null),
    tookMs: goodMs[0] ?? null,
    calls: uses,
    isGood,
  };
}

/** For an operation whose path the server does not have: the one of its document that was probably meant. */
function nearestTo(
  problem: string,
  { operations }: Calibration,
  declared: Target,
  document: OpenApiDocument | null,
): string {
  const missing = operations.find(
    ({ name, goodMs, last }) =>
      problem.startsWith(`operations.${name} `) && goodMs.length === 0 && last?.status === 404,
  );
  const operation = missing && declared.operations[missing.name];
  if (!operation || document === null) return '';
  const near = nearestPath(document, operation.request(SAMPLE).path);
  return near === null ? '' : `. Its document has ${near}`;
}

function healthProblems({ health }: Target, { healthMs }: Calibration): string[] {
  if (health === null || healthMs !== null) return [];
  return [`health: GET ${health.path} was never answered with ${health.good.join(' or ')}`];
}

/** A source of progress without counts makes every check of it inconclusive. */
async function progressProblems(
  { progress, limits }: Target,
  running: RunningTarget,
  signal: AbortSignal,
): Promise<string[]> {
  if (progress === null) return [];
  const until = AbortSignal.any([signal, AbortSignal.timeout(limits.requestMs)]);
  const counts = await progress.read(running, until).catch(() => null);
  signal.throwIfAborted();
  return counts === null ? [`progress: ${progress.name} has no counts "open" and "done"`] : [];
}
