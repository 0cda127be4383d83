/**
 * Probes `/health` at a fixed rate in a thread of its own, each time on a fresh connection, straight to
 * the target (never through a link), and the control server at the same instant.
 *
 * Latency counts from the instant at which the probe *should* have been sent, so a prober or server
 * that falls behind cannot hide it (coordinated omission). A probe that is not answered is reported
 * again and again with its age; the last report for an intended instant is the one that counts.
 */
import { request } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';
import { monotonicMs } from '../platform/clock.ts';
import type { ProbeReport } from './probe.ts';

export interface HealthThreadOptions {
  healthUrl: string;
  controlUrl: string;
  rateHz: number;
}

/** Enough to keep 20 Hz against a server that needs 1.5 s; a dead one is not buried in connections. */
const MAX_OPEN = 32;
const GIVE_UP_MS = 30_000;
const REPORT_EVERY_MS = 100;
const UNANSWERED_REPORT_EVERY_MS = 500;

interface ProbeState {
  intendedMs: number;
  healthMs: number | null;
  status: number | null;
  controlMs: number | null;
  reportedMs: number;
}

const { healthUrl, controlUrl, rateHz } = workerData as HealthThreadOptions;
const periodMs = 1000 / rateHz;
const waiting: ProbeState[] = [];
const unsettled = new Set<ProbeState>();
let openCount = 0;
const reports: ProbeReport[] = [];

function get(url: string, onEnd: (status: number | null) => void): void {
  let ended = false;
  const end = (status: number | null): void => {
    if (ended) return;
    ended = true;
    onEnd(status);
  };
  const outgoing = request(url, { agent: false, timeout: GIVE_UP_MS }, (response) => {
    response.resume();
    response.on('end', () => end(response.statusCode ?? null));
    response.on('error', () => end(null));
  });
  outgoing.on('timeout', () => outgoing.destroy());
  outgoing.on('error', () => end(null));
  outgoing.end();
}

function report(probe: ProbeState, nowMs: number): void {
  probe.reportedMs = nowMs;
  reports.push({
    atMs: nowMs,
    body: {
      kind: 'health',
      intendedT: probe.intendedMs,
      latencyMs: probe.healthMs ?? nowMs - probe.intendedMs,
      status: probe.status,
      answered: probe.healthMs !== null,
      controlMs: probe.controlMs ?? nowMs - probe.intendedMs,
    },
  });
}

/** Told once both have answered. */
function settle(probe: ProbeState): void {
  if (probe.healthMs === null || probe.controlMs === null) return;
  unsettled.delete(probe);
  report(probe, monotonicMs());
}

/** The control server is asked at the intended instant, whether or not the target has room for its probe. */
function askControl(probe: ProbeState): void {
  get(controlUrl, () => {
    probe.controlMs = monotonicMs() - probe.intendedMs;
    settle(probe);
  });
}

function askHealth(probe: ProbeState): void {
  openCount++;
  get(healthUrl, (status) => {
    openCount--;
    probe.healthMs = monotonicMs() - probe.intendedMs;
    probe.status = status;
    settle(probe);
    const next = waiting.shift();
    if (next) askHealth(next);
  });
}

let nextMs = monotonicMs() + periodMs;
function tick(): void {
  const nowMs = monotonicMs();
  while (nextMs <= nowMs) {
    const probe = {
      intendedMs: nextMs,
      healthMs: null,
      status: null,
      controlMs: null,
      reportedMs: nextMs,
    };
    unsettled.add(probe);
    askControl(probe);
    if (openCount < MAX_OPEN) askHealth(probe);
    else waiting.push(probe);
    nextMs += periodMs;
  }
  setTimeout(tick, Math.max(0, nextMs - monotonicMs()));
}

setInterval(() => {
  const nowMs = monotonicMs();
  for (const probe of unsettled) {
    if (nowMs - probe.reportedMs >= UNANSWERED_REPORT_EVERY_MS) report(probe, nowMs);
  }
  if (reports.length > 0) parentPort?.postMessage(reports.splice(0));
}, REPORT_EVERY_MS);

tick();
