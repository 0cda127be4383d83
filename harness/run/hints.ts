/** What a run can tell the diagnosis of its target beforehand: folded from its events. */
import type { CheckId } from '../checks/check-ids.ts';
import { RunFacts, type RunSoFar } from '../checks/judging/run-so-far.ts';
import { TrustedTimeline } from '../checks/judging/trusted-time.ts';
import { StandstillFold } from '../checks/liveness/standstills.ts';
import type { RunHints } from '../diagnosis/run-hints.ts';
import type { EventOf, HistoryEvent } from '../history/events.ts';

export class RunHintsFold {
  private readonly trusted = new TrustedTimeline();
  private readonly facts = new RunFacts();
  private readonly standstills = new StandstillFold();
  private readonly firstBytes = new Map<number, number>();
  private readonly silences = new Map<number, number>();
  private exit: EventOf<'target-exit'> | null = null;
  private held = { count: 0, oldestMs: 0 };
  private sample: EventOf<'process'> | null = null;
  private resources: EventOf<'resources'> | null = null;
  private latestRssBytes: number | undefined;
  private hasBaseline = false;

  push(event: HistoryEvent): void {
    this.trusted.step(event);
    this.facts.step(event);
    if (!this.facts.hasBegun) return;
    const run = this.facts.at(event.t, false, this.trusted);
    switch (event.kind) {
      case 'phase':
        this.hasBaseline ||= event.phase === 'baseline';
        break;
      case 'request':
        this.standstills.onRequest(event, run);
        break;
      case 'request-end':
        this.standstills.onRequestEnd(event, run);
        break;
      case 'progress':
        this.standstills.onProgress(event, run);
        break;
      case 'model-first-byte':
        this.firstBytes.set(event.id, event.t);
        break;
      case 'model-silent':
        this.silences.set(event.id, event.t);
        break;
      case 'model-end':
        this.firstBytes.delete(event.id);
        this.silences.delete(event.id);
        break;
      case 'process':
        if (!this.hasBaseline && event.alive) this.sample = event;
        if (event.alive) this.latestRssBytes = event.rssBytes;
        break;
      case 'resources':
        if (!this.hasBaseline) this.resources = event;
        break;
      case 'target-exit':
        if (!event.expected) this.exit = event;
        break;
      case 'audit':
        if (event.heldMs === null) break;
        this.held = {
          count: this.held.count + 1,
          oldestMs: Math.max(this.held.oldestMs, event.heldMs),
        };
        break;
    }
  }

  /**
   * @param links the port of each link, by its name.
   * @param failed the checks that failed: only where a count did not come back is there a leak to name.
   */
  at(nowMs: number, links: Readonly<Record<string, number>>, failed: readonly CheckId[]): RunHints {
    this.trusted.advanceTo(nowMs);
    const run = this.facts.at(nowMs, false, this.trusted);
    const baseline = this.baseline();
    const late = [...run.openWork.values()]
      .map(({ t }) => run.trusted.betweenMs(t, nowMs))
      .filter((ageMs) => ageMs > run.limits.requestMs);
    return {
      ...(this.exit ? { exit: { code: this.exit.code, signal: this.exit.signal } } : {}),
      requestsInFlight: [...run.openRequests.values()].map(({ operation, subject, t }) => ({
        operation,
        subject,
        ageMs: nowMs - t,
      })),
      requestLimitMs: run.limits.requestMs,
      upstreamInFlight: this.upstreamInFlight(run),
      links: { ...links },
      ...(baseline ? { baseline } : {}),
      restingRssBytes: this.restingRssBytes(),
      healthFailed: failed.includes('health'),
      quiesced: failed.some((check) => check.endsWith('-back')),
      progressFlatMs: Math.round(this.standstills.current(run)?.trustedMs ?? 0),
      lateWorkMs: late.reduce((most, ageMs) => Math.max(most, ageMs), 0),
      ...(this.held.count > 0 ? { staleClaims: this.held } : {}),
    };
  }

  private upstreamInFlight(run: RunSoFar): NonNullable<RunHints['upstreamInFlight']> {
    return [...run.upstreamCalls.values()].map(({ id, upstream, operation, t }) => {
      const spokeT = this.firstBytes.get(id);
      const silentT = this.silences.get(id);
      const isSilent = silentT !== undefined || spokeT === undefined;
      const lastSignT = silentT ?? spokeT ?? t;
      return {
        upstream,
        operation,
        ageMs: run.nowMs - t,
        silentMs: isSilent ? run.nowMs - lastSignT : 0,
      };
    });
  }

  /** At rest before the load, and after each round of it: a run is one round. */
  private restingRssBytes(): number[] {
    return [this.sample?.rssBytes, this.latestRssBytes].filter((bytes) => bytes !== undefined);
  }

  /** What the process held after warmup. */
  private baseline(): RunHints['baseline'] {
    if (!this.sample) return undefined;
    const { fds, threads, children, rssBytes } = this.sample;
    const counts = { fds, threads, children, rssBytes };
    const resources = this.resources;
    if (!resources) return counts;
    // Open connections of its clients are theirs to close.
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
}
