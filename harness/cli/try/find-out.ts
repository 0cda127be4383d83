/** Starts a server that has no config, finds out what it offers, and calibrates it, in one start. */
import { EXIT, HanglabError } from '../../platform/errors.ts';
import { random } from '../../platform/random.ts';
import { pause } from '../../platform/wait.ts';
import type { Reaper } from '../../reaper/reaper.ts';
import { makeReportFolder } from '../../report/folder.ts';
import { loadCorpus } from '../../requests/inputs.ts';
import { calibrate } from '../../run/calibrate.ts';
import { applyCalibration, type Calibration, unanswered } from '../../run/calibration.ts';
import { buildTarget, declaredLimits } from '../../target/config/build-target.ts';
import type { TargetConfig } from '../../target/config/config.ts';
import { problemsOf } from '../../target/config/load-config.ts';
import type { Unused } from '../../target/discovery/offered.ts';
import { type Discovery, discover } from '../../target/discovery/running/discover.ts';
import type { RunningTarget, Target, TargetExit } from '../../target/target.ts';
import type { RunSettingsParsed } from '../run/run-options.ts';
import type { RunView } from '../run/run-view.ts';
import type { ServerSettings } from './server-options.ts';

export interface FoundOut {
  /** Complete: with the operations that can be used. */
  config: TargetConfig;
  target: Target;
  discovery: Discovery;
  calibration: Calibration;
  /** What cannot be used, calibration's findings included. */
  unused: readonly Unused[];
  /** A sentence for each limit that was derived. */
  derived: readonly string[];
  unanswered: readonly string[];
  process: { pid: number; port: number };
  /** The report folder of the calibration. */
  folder: string;
}

export interface FindOutContext {
  reaper: Reaper;
  view: RunView;
  signal: AbortSignal;
}

/** Far from the numbers that runs begin with: what is made here must not collide with what they make. */
const FIRST_INDEX = 900_000;
const BYTES = 4_000;
const DYING_MS = 500;

/**
 * @param folder that the server runs in.
 * @throws HanglabError when it does not come up, `not-as-declared`, `nothing-to-send`.
 */
export async function findOut(
  server: ServerSettings,
  settings: RunSettingsParsed,
  folder: string,
  { reaper, view, signal }: FindOutContext,
): Promise<FoundOut> {
  const { seed, scale, toxiproxy } = settings;
  const { base, answerMs } = server;
  const problems = problemsOf(base);
  if (problems.length > 0) {
    throw new HanglabError('bad-usage', 'these options do not describe a server:', { problems });
  }
  const corpus = loadCorpus(null, random(seed).fork('discovery'));
  const seen: { discovery: Discovery | null; process: FoundOut['process'] } = {
    discovery: null,
    process: { pid: 0, port: 0 },
  };
  const describe = async (running: RunningTarget): Promise<Target> => {
    seen.process = { pid: running.processes.rootPid, port: running.port };
    using _shown = view.activity('discovery: what the server offers');
    const over = new AbortController();
    const discovering = discover(running, {
      ...{ ...server, base, answerMs, folder, signal: AbortSignal.any([signal, over.signal]) },
      inputs: (index) => corpus.input(FIRST_INDEX + index, { bytes: BYTES }),
    });
    discovering.catch(() => {});
    const died = running.exited.then(diedOf(running));
    const discovery = await Promise.race([discovering, died]);
    over.abort();
    // A connection that broke is often the first sign of a process that ends.
    if (discovery.operations.some(({ answer }) => answer === null)) {
      await Promise.race([died, pause(DYING_MS, signal)]);
    }
    died.catch(() => {});
    seen.discovery = discovery;
    if (discovery.operations.length === 0) throw nothingToSend(discovery.unused);
    return buildTarget(discovery.config, folder);
  };
  const reportFolder = makeReportFolder(settings.out, 'calibration', new Date());
  using _shown = view.activity('calibration: the server with nothing wrong');
  const measured = await calibrate({
    ...{ target: buildTarget(base, folder), describe, seed, scale, toxiproxy, reaper, signal },
    ...{ reportFolder, documentsFolder: null, answerMs },
    lacksLimit: base.limits?.request === undefined,
  });
  const discovery = seen.discovery as Discovery;
  const { calibration, dropped } = withoutUnfit(measured, discovery);
  const config = byPort(
    withoutOperations(discovery.config, new Set(dropped.keys())),
    seen.process.port,
  );
  const unused = [
    ...discovery.unused,
    ...[...dropped].map(([name, reason]) => ({ label: labelOf(discovery, name), reason })),
  ];
  if (Object.keys(config.operations ?? {}).length === 0) throw nothingToSend(unused);
  const applied = applyCalibration(
    buildTarget(config, folder),
    declaredLimits(config),
    calibration,
  );
  if (applied.problems.length > 0) {
    throw new HanglabError('not-as-declared', 'the server is not as the options say:', {
      exitCode: EXIT.usage,
      problems: applied.problems,
    });
  }
  return {
    ...{ config, discovery, calibration, unused, process: seen.process, folder: reportFolder },
    ...{ target: applied.target, derived: applied.derived },
    unanswered: unanswered(calibration),
  };
}

/** Guessed operations that were answered well once, but not again: the guess was wrong. */
function withoutUnfit(
  measured: Calibration,
  discovery: Discovery,
): { calibration: Calibration; dropped: ReadonlyMap<string, string> } {
  const dropped = new Map<string, string>();
  for (const { name, goodMs, last } of measured.operations) {
    if (goodMs.length === 0 && last !== null) {
      dropped.set(name, `answered well once, then not: ${last.detail ?? `status ${last.status}`}`);
    }
  }
  // A delete goes with the write that makes what it deletes.
  for (const { candidate } of discovery.operations) {
    const { deletes } = candidate.config;
    if (deletes !== undefined && dropped.has(deletes)) {
      dropped.set(candidate.name, `deletes what ${deletes} makes, which is not used`);
    }
  }
  const operations = measured.operations.filter(({ name }) => !dropped.has(name));
  return { calibration: { ...measured, operations }, dropped };
}

function withoutOperations(config: TargetConfig, names: ReadonlySet<string>): TargetConfig {
  const operations = Object.entries(config.operations ?? {}).filter(([name]) => !names.has(name));
  return { ...config, operations: Object.fromEntries(operations) };
}

/** A process that was attached to has another number the next time; its port it keeps. */
function byPort(config: TargetConfig, port: number): TargetConfig {
  const { server } = config;
  if (!('attach' in server)) return config;
  return { ...config, server: { ...server, attach: { port } } };
}

function labelOf({ operations }: Discovery, name: string): string {
  return operations.find(({ candidate }) => candidate.name === name)?.candidate.label ?? name;
}

function nothingToSend(unused: readonly Unused[]): HanglabError {
  const problems = unused.map(({ label, reason }) => `${label}: ${reason}`);
  return new HanglabError(
    'nothing-to-send',
    "no request is known that the server answers well: give one, like --request 'GET /path'",
    { problems: problems.slice(0, MAX_PROBLEMS) },
  );
}

const MAX_PROBLEMS = 30;

/** The error for a server that ended during discovery. */
function diedOf(running: RunningTarget): (exit: TargetExit) => never {
  return ({ code, signal }) => {
    const how = signal ? `signal ${signal}` : `exit code ${code}`;
    const background =
      code === 0 ? ' If it goes into the background, start it in the foreground.' : '';
    throw new HanglabError(
      'target-died',
      `the target ended while hanglab found out what it offers (${how}).${background} Its last lines:`,
      { exitCode: EXIT.fail, problems: running.lastLines() },
    );
  };
}
