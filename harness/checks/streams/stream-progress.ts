/**
 * `stream-progress`: a stream keeps speaking to its client: its first byte comes in time, and no silence
 * between two events is longer than the target allows. An invariant: a stream that hangs is a hang.
 */
import type { EventOf, Limits } from '../../history/events.ts';
import { formatMs } from '../../platform/duration.ts';
import { plural } from '../../platform/plural.ts';
import { type Check, check, type FindingOf, inMs, notReached } from '../check.ts';
import type { RunSoFar } from '../judging/run-so-far.ts';
import { levelText, limitsOf, nameOf } from '../liveness/every-request-ends.ts';

/** Half of the limit again is granted for the way there and back, as for requests. */
const GRANTED = 1.5;

interface Silence {
  request: EventOf<'request'>;
  fromMs: number;
  silentMs: number;
  /** By the clock, whatever the machine gave to the target. */
  wallMs: number;
  limitMs: number;
}

interface State {
  ended: number;
  /** Streams that were silent for too long by the clock, in time that does not count. */
  doubtful: number;
  worst: Silence | null;
  /** When the last event of each open stream came. */
  lastT: Map<number, number>;
}

/** How long a stream may be silent: before its first event, and after it. */
export function silenceLimitMs({ requestMs, firstByteMs, idleMs }: Limits, begun: boolean): number {
  return GRANTED * ((begun ? idleMs : firstByteMs) ?? requestMs);
}

/** A client that means to leave may read nothing, or slowly. */
const isJudged = ({ operationKind, leaves }: EventOf<'request'>): boolean =>
  operationKind === 'stream' && !leaves;

export function streamProgress(): Check {
  return check<State>({
    name: 'stream-progress',
    conclusive: true,
    needs: ['stream'],
    start: () => ({ ended: 0, doubtful: 0, worst: null, lastT: new Map() }),
    on: {
      'request-progress'(state, { id, lastT }) {
        state.lastT.set(id, lastT);
      },
      'request-end'(state, end, run) {
        const request = run.request(end.id);
        const lastT = state.lastT.get(end.id);
        state.lastT.delete(end.id);
        if (!request || !isJudged(request)) return;
        state.ended++;
        for (const silence of silencesOf(request, end, lastT, run)) {
          state.worst = worse(state.worst, silence);
          if (isDoubtful(silence)) state.doubtful++;
        }
      },
    },
    finding: (state, run) => judgeStreams(state, run),
  });
}

/** Those of a stream that has ended: before its first event, between two of them, and after its last. */
function silencesOf(
  request: EventOf<'request'>,
  { t, stream }: EventOf<'request-end'>,
  lastT: number | undefined,
  run: RunSoFar,
): Silence[] {
  if (!stream) return [silence(request, lastT, t, run)];
  const { firstT, longestGap } = stream;
  if (firstT === null) return [silence(request, undefined, t, run)];
  const gap =
    longestGap && silence(request, longestGap.fromT, longestGap.fromT + longestGap.ms, run);
  return [
    silence(request, undefined, firstT, run),
    ...(gap ? [gap] : []),
    silence(request, stream.lastT ?? firstT, t, run),
  ];
}

/** From its event at `lastT` on, or from its begin when there has been none. */
function silence(
  request: EventOf<'request'>,
  lastT: number | undefined,
  toMs: number,
  run: RunSoFar,
): Silence {
  const fromMs = lastT ?? request.t;
  const limitMs = silenceLimitMs(limitsOf(request, run), lastT !== undefined);
  const silentMs = run.trusted.betweenMs(fromMs, toMs);
  return { request, fromMs, silentMs, wallMs: toMs - fromMs, limitMs };
}

const isDoubtful = ({ silentMs, wallMs, limitMs }: Silence): boolean =>
  silentMs <= limitMs && wallMs > limitMs;

const worse = (a: Silence | null, b: Silence): Silence =>
  a && a.silentMs / a.limitMs >= b.silentMs / b.limitMs ? a : b;

function judgeStreams(state: State, run: RunSoFar): FindingOf {
  const open = [...run.openRequests.values()]
    .filter(isJudged)
    .map((request) => silence(request, state.lastT.get(request.id), run.nowMs, run));
  const worst = open.reduce<Silence | null>(worse, state.worst);
  const base = {
    phase: worst ? run.phaseAt(worst.fromMs) : null,
    measured: inMs(worst?.silentMs ?? 0),
    limit: inMs(worst?.limitMs ?? silenceLimitMs(run.limits, true)),
  };
  if (worst && worst.silentMs > worst.limitMs) {
    const { request, fromMs, silentMs } = worst;
    const when = fromMs === request.t ? 'sent no event' : 'was silent';
    const level = levelText(request, run);
    const sent = level ? ` (sent with ${level})` : '';
    const message = `${nameOf(request)}${sent} ${when} for ${formatMs(silentMs)}`;
    return { ...base, verdict: 'fail', message };
  }
  if (run.complete && state.ended + open.length === 0) {
    return notReached('fault', 'no stream was opened');
  }
  const doubtful = state.doubtful + open.filter(isDoubtful).length;
  if (run.complete && doubtful > 0) {
    const message = `${plural(doubtful, 'silence')} lasted too long, but the machine was too slow to hold it against the target`;
    return { ...base, verdict: 'inconclusive', message };
  }
  const message = `${plural(state.ended, 'stream')} ended, the longest silence was ${formatMs(worst?.silentMs ?? 0)}`;
  const mayStillFail = open.some(({ silentMs, limitMs }) => silentMs > limitMs / 3);
  return { ...base, verdict: 'pass', message, mayStillFail };
}
