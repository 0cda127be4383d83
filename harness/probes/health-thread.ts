/**
 * Probes the health endpoint at a fixed rate in a thread of its own, each time on a fresh connection, straight
 * to the target (never through a link), and the control server at the same instant. Without an endpoint the
 * control server alone is probed: the machine is always measured.
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
  /** null: the target has no health endpoint. */
  health: { url: string; headers: Record<string, string>; good: readonly number[] } | null;
  controlUrl: string;
  rateHz: number;
  /** How many probes may be open at the target at once: a dead one is not buried in connections. */
  maxOpen: number;
}

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

const { health, controlUrl, rateHz, maxOpen } = workerData as HealthThreadOptions;
const periodMs = 1000 / rateHz;
const waiting: ProbeState[] = [];
const unsettled = new Set<ProbeState>();
let openCount = 0;
const reports: ProbeReport[] = [];

function get(
  url: string,
  headers: Record<string, string>,
  onEnd: (status: number | null) => void,
): void {
  let ended = false;
  const end = (status: number | null): void => {
    if (ended) return;
    ended = true;
    onEnd(status);
  };
  const outgoing = request(url, { agent: false, headers, timeout: GIVE_UP_MS }, (response) => {
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
  const ageMs = nowMs - probe.intendedMs;
  const times = { intendedT: probe.intendedMs, controlMs: probe.controlMs ?? ageMs };
  if (!health) {
    reports.push({ atMs: nowMs, body: { kind: 'control', ...times } });
    return;
  }
  reports.push({
    atMs: nowMs,
    body: {
      kind: 'health',
      ...times,
      latencyMs: probe.healthMs ?? ageMs,
      status: probe.status,
      good: probe.status !== null && health.good.includes(probe.status),
      answered: probe.healthMs !== null,
    },
  });
}

/** Reported once both have answered. */
function settle(probe: ProbeState): void {
  if ((health && probe.healthMs === null) || probe.controlMs === null) return;
  unsettled.delete(probe);
  report(probe, monotonicMs());
}

/** The control server is asked at the intended instant, whether or not the target has room for its probe. */
function askControl(probe: ProbeState): void {
  get(controlUrl, {}, () => {
    probe.controlMs = monotonicMs() - probe.intendedMs;
    settle(probe);
  });
}

function askHealth(probe: ProbeState): void {
  if (!health) return;
  openCount++;
  get(health.url, health.headers, (status) => {
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
    if (openCount < maxOpen) askHealth(probe);
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
