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
import { monotonicMs } from '../clock.ts';
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
const open = new Set<ProbeState>();
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

function send(probe: ProbeState): void {
  open.add(probe);
  const settle = (): void => {
    if (probe.healthMs === null || probe.controlMs === null) return;
    open.delete(probe);
    report(probe, monotonicMs());
    const next = waiting.shift();
    if (next) send(next);
  };
  get(controlUrl, () => {
    probe.controlMs = monotonicMs() - probe.intendedMs;
    settle();
  });
  get(healthUrl, (status) => {
    probe.healthMs = monotonicMs() - probe.intendedMs;
    probe.status = status;
    settle();
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
    if (open.size < MAX_OPEN) send(probe);
    else waiting.push(probe);
    nextMs += periodMs;
  }
  setTimeout(tick, Math.max(0, nextMs - monotonicMs()));
}

setInterval(() => {
  const nowMs = monotonicMs();
  for (const probe of [...open, ...waiting]) {
    if (nowMs - probe.reportedMs >= UNANSWERED_REPORT_EVERY_MS) report(probe, nowMs);
  }
  if (reports.length > 0) parentPort?.postMessage(reports.splice(0));
}, REPORT_EVERY_MS);

tick();
