/**
 * What is left over after the load has drained, held against what was there at rest before it. Pure.
 *
 * Children, threads and sockets take descriptors too, so a descriptor is charged to its cause first; what
 * has grown beyond its allowance and accounts for most descriptors is the name, the rest is shown beside it.
 * Memory is shown and not judged here: a runtime keeps what it once had, so that a single growth says nothing.
 */
import { listeningPorts } from '../../../platform/procfs/listening.ts';
import type { Socket } from '../../../platform/procfs/sockets.ts';
import type { OutsideFacts } from '../../facts/outside-facts.ts';
import type { RunHints } from '../../run-hints.ts';
import { childrenTexts } from '../../wording/children.ts';
import { socketGroups, socketGroupText } from '../../wording/sockets.ts';
import { someOf } from '../../wording/text.ts';
import { hasOneLoop, loopState } from '../loop/loop-state.ts';
import type { Case, Rule, Ruling } from '../rule.ts';
import { type Growth, isLeak } from './growth.ts';
import { openFiles, openFilesText } from './open-files.ts';
import { threadGrowth } from './thread-growth.ts';

type Baseline = NonNullable<RunHints['baseline']>;

/** Standard streams as pipes; three of a spawned child's, counted on Node 24. */
const FDS_OF_A_CHILD = 3;
const MEMORY_SHOWN_BYTES = 50e6;
const MAX_FILES = 3;
const MAX_KINDS = 6;

export const leaks: Rule = {
  codes: ['fd-leak', 'socket-leak', 'thread-leak', 'child-leak'],
  judge(subject) {
    return isSilent(subject) ? null : leaksOf(subject);
  },
};

/** A server that does not answer hangs, whatever it holds. */
function isSilent(subject: Case): boolean {
  if (hasOneLoop(subject)) return !loopState(subject).turns;
  return subject.health?.answered === 0;
}

/**
 * Judges only after quiesce and with a baseline; else it is silent. While requests are stuck what they
 * hold is not left over: then what has grown is shown beside the hang, and is not its name.
 */
function leaksOf({ process, outside, hints }: Case): Ruling | null {
  const { quiesced, baseline } = hints;
  if (!quiesced || !baseline) return null;
  const children = childGrowth(outside, baseline);
  const threads = threadGrowth(outside, baseline, process.runtime);
  const sockets = socketGrowth(outside, baseline, hints.links ?? {});
  const causes = [children, threads, ...(sockets ? [sockets] : [])];
  const all = [...causes, fdGrowth(outside, baseline, causes)];
  const found = all.filter(isLeak).sort((a, b) => b.own * b.weightFds - a.own * a.weightFds);
  const [worst] = found;
  const hasDrained = (hints.requestsInFlight ?? []).length === 0 && !hints.progressFlatMs;
  return {
    ...(worst && hasDrained && { verdict: { code: worst.code, sentence: sentenceOf(worst) } }),
    evidence: [
      ...found
        .filter((each) => each !== worst || !hasDrained)
        .map((each) => `${counts(each)}; ${someOf(each.names)}`),
      ...memory(outside, baseline),
    ],
    ruledOut: all
      .filter((each) => !isLeak(each))
      .map((each) => ({ code: each.code, because: counts(each) })),
  };
}

function sentenceOf(growth: Growth): string {
  const { what, before, now, names } = growth;
  const plural = `${what.charAt(0).toUpperCase()}${what.slice(1)}`;
  return `${plural} grow and do not come back, ${before} at rest before the load and ${now} after it: ${someOf(names)}.`;
}

function counts({ what, before, now, own }: Growth): string {
  const others = now - before - Math.max(0, own);
  const explained = others > 0 ? ` (${others} by way of its clients, pools or other leaks)` : '';
  return `${what}: ${before} at rest before the load, ${now} after it${explained}`;
}

function childGrowth({ last, children }: OutsideFacts, { children: before }: Baseline): Growth {
  const own = last.children - before;
  const names = childrenTexts(children);
  const what = 'children';
  return {
    code: 'child-leak',
    what,
    before,
    now: last.children,
    own,
    weightFds: FDS_OF_A_CHILD,
    names,
  };
}

/**
 * The sockets whose closing is the process's own affair: all but the open connections of its clients.
 * What `baseline.sockets` of the hints counts.
 */
export function ownSockets(sockets: readonly Socket[]): Socket[] {
  const listening = listeningPorts(sockets);
  return sockets.filter(
    ({ state, localPort }) => state !== 'ESTABLISHED' || !listening.has(localPort),
  );
}

function socketGrowth(
  { sockets, tcp }: OutsideFacts,
  { sockets: before }: Baseline,
  links: Readonly<Record<string, number>>,
): Growth | null {
  if (before === undefined) return null;
  const own = ownSockets(sockets);
  const leftOver = own.filter(({ state }) => state !== 'LISTEN');
  // Listeners are not what usually leaks: they are named when there are more of them than of all else.
  const named = leftOver.length * 2 >= own.length ? leftOver : own;
  return {
    code: 'socket-leak',
    what: 'sockets',
    before,
    now: own.length,
    own: own.length - before,
    weightFds: 1,
    names: socketGroups(named, tcp, links, listeningPorts(sockets)).map(socketGroupText),
  };
}

function fdGrowth(
  { last, fdsByKind, fdsByPath, sockets, workingDirectory }: OutsideFacts,
  { fds: before, fdsByKind: kindsBefore, fdsByPath: pathsBefore }: Baseline,
  causes: readonly Growth[],
): Growth {
  const ofClients = sockets.length - ownSockets(sockets).length;
  const caused = causes.reduce((sum, { own, weightFds }) => sum + Math.max(0, own) * weightFds, 0);
  const files = openFiles(fdsByPath, workingDirectory, pathsBefore).filter(
    (each) => each.count > each.before,
  );
  const kinds = Object.entries(fdsByKind)
    .map(([kind, count]) => ({ kind, count, grown: count - (kindsBefore?.[kind] ?? 0) }))
    .filter(({ grown }) => grown > 0)
    .sort((a, b) => b.grown - a.grown);
  return {
    code: 'fd-leak',
    what: 'open descriptors',
    before,
    now: last.fds,
    own: last.fds - before - ofClients - caused,
    weightFds: 1,
    names: [
      `by kind ${kinds
        .map(({ kind, count, grown }) =>
          kindsBefore ? `${kind} ${count} (${count - grown} before)` : `${kind} ${count}`,
        )
        .slice(0, MAX_KINDS)
        .join(', ')}`,
      ...files.slice(0, MAX_FILES).map(openFilesText),
    ],
  };
}

function memory({ last }: OutsideFacts, { rssBytes }: Baseline): string[] {
  if (
    rssBytes === undefined ||
    last.rssBytes - rssBytes < Math.max(MEMORY_SHOWN_BYTES, rssBytes / 2)
  ) {
    return [];
  }
  const [before, now] = [rssBytes, last.rssBytes].map((bytes) => `${Math.round(bytes / 1e6)} MB`);
  return [`${before} of memory at rest before the load, ${now} after it: shown, not judged`];
}
