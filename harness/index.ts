/** The one module that a scenario imports. */

export { fdsBack } from './checks/leaks/fds-back.ts';
export { memoryBounded } from './checks/leaks/memory-bounded.ts';
export { threadsBack } from './checks/leaks/threads-back.ts';
export { everyRequestEnds } from './checks/liveness/every-request-ends.ts';
export { health } from './checks/liveness/health.ts';
export { nextRequestSucceeds } from './checks/liveness/next-request-succeeds.ts';
export { othersProgress } from './checks/liveness/others-progress.ts';
export { progress } from './checks/liveness/progress.ts';
export { progressResumes } from './checks/liveness/progress-resumes.ts';
export { readyTellsTheTruth } from './checks/liveness/ready-tells-the-truth.ts';
export { overloadRefused } from './checks/load/overload-refused.ts';
export { indexedOnce } from './checks/promises/indexed-once.ts';
export { noStaleClaims } from './checks/promises/no-stale-claims.ts';
export { nothingAcknowledgedLost } from './checks/promises/nothing-acknowledged-lost.ts';
export { embeddings, front, llm, target } from './faults/index.ts';
export { deletions } from './load/deletions.ts';
export { halfClosingClients } from './load/half-closing-clients.ts';
export { idleConnections } from './load/idle-connections.ts';
export { pressure } from './load/pressure.ts';
export { listings, searches } from './load/searches.ts';
export { uploads } from './load/uploads.ts';
export { scenario } from './scenario/scenario.ts';
