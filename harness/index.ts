/** The one module that a scenario or a config imports. */
export { check } from './checks/check.ts';
export { cpuPerDoubling } from './checks/cost/cpu-per-doubling.ts';
export { cpuPerEventFlat } from './checks/cost/cpu-per-event-flat.ts';
export { childrenBack } from './checks/leaks/children-back.ts';
export { closeWait } from './checks/leaks/close-wait.ts';
export { fdsBack } from './checks/leaks/fds-back.ts';
export { memoryBounded } from './checks/leaks/memory-bounded.ts';
export { socketsBack } from './checks/leaks/sockets-back.ts';
export { tasksBack } from './checks/leaks/tasks-back.ts';
export { tempBytesBack } from './checks/leaks/temp-bytes-back.ts';
export { threadsBack } from './checks/leaks/threads-back.ts';
export { everyRequestEnds } from './checks/liveness/every-request-ends.ts';
export { health } from './checks/liveness/health.ts';
export { nextRequestSucceeds } from './checks/liveness/next-request-succeeds.ts';
export { othersProgress } from './checks/liveness/others-progress.ts';
export { progress } from './checks/liveness/progress.ts';
export { progressResumes } from './checks/liveness/progress-resumes.ts';
export { readyTellsTheTruth } from './checks/liveness/ready-tells-the-truth.ts';
export { overloadRefused } from './checks/load/overload-refused.ts';
export { exitsInGrace } from './checks/process/exits-in-grace.ts';
export { indexedOnce } from './checks/promises/indexed-once.ts';
export { noStaleClaims } from './checks/promises/no-stale-claims.ts';
export { nothingAcknowledgedLost } from './checks/promises/nothing-acknowledged-lost.ts';
export { taskEnds } from './checks/promises/task-ends.ts';
export { bytesPerTokenFlat } from './checks/streams/bytes-per-token-flat.ts';
export { noTruncatedAnswerComplete } from './checks/streams/no-truncated-answer-complete.ts';
export { streamProgress } from './checks/streams/stream-progress.ts';
export { attemptsBounded } from './checks/upstream/attempts-bounded.ts';
export { upstreamLetGo } from './checks/upstream/upstream-let-go.ts';
export {
  embeddings,
  front,
  llm,
  sqlite,
  target,
  type UpstreamFaults,
  upstream,
} from './faults/index.ts';
export { abandonedWrites } from './load/clients/abandoned-writes.ts';
export { abortingClients } from './load/clients/aborting-clients.ts';
export { halfClosingClients } from './load/clients/half-closing-clients.ts';
export { idleConnections } from './load/clients/idle-connections.ts';
export { keepAliveClients } from './load/clients/keep-alive-clients.ts';
export { silentClients } from './load/clients/silent-clients.ts';
export { slowReaders } from './load/clients/slow-readers.ts';
export { vanishingClients } from './load/clients/vanishing-clients.ts';
export { visitors } from './load/clients/visitors.ts';
export { bursts, ramp } from './load/requests/bursts.ts';
export { deletes } from './load/requests/deletes.ts';
export { existing } from './load/requests/existing.ts';
export { listeners } from './load/requests/listeners.ts';
export { longAnswers } from './load/requests/long-answers.ts';
export { openCalls } from './load/requests/open-calls.ts';
export { pressure } from './load/requests/pressure.ts';
export { bystanders, reads } from './load/requests/reads.ts';
export { calls, requests, streams } from './load/requests/requests.ts';
export { writes } from './load/requests/writes.ts';
export { untilRestarted } from './load/until-restarted.ts';
export { eachUpstream } from './scenario/each-upstream.ts';
export { ifOffered } from './scenario/if-offered.ts';
export { scenario } from './scenario/scenario.ts';
export { defineConfig, type TargetConfig } from './target/config/config.ts';
export { modelEnv } from './target/discovery/model-variables.ts';
