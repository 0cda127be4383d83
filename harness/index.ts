/** The one module that a scenario imports. */
export { everyRequestEnds } from './checks/every-request-ends.ts';
export { fdsBack } from './checks/fds-back.ts';
export { health } from './checks/health.ts';
export { nextRequestSucceeds } from './checks/next-request-succeeds.ts';
export { nothingAcknowledgedLost } from './checks/nothing-acknowledged-lost.ts';
export { othersProgress } from './checks/others-progress.ts';
export { progress } from './checks/progress.ts';
export { progressResumes } from './checks/progress-resumes.ts';
export { readyTellsTheTruth } from './checks/ready-tells-the-truth.ts';
export { threadsBack } from './checks/threads-back.ts';
export { embeddings, front, llm } from './faults/index.ts';
export { listings, searches } from './load/searches.ts';
export { uploads } from './load/uploads.ts';
export { scenario } from './scenario.ts';
