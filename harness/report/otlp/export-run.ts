/** Sends a run, read from its folder, as OpenTelemetry spans. */
import { join } from 'node:path';
import { readEvents } from '../../history/history.ts';
import { findingsOf, readPlan, readVerdict } from '../data/run-folder.ts';
import { spanSender } from './send-spans.ts';
import { SpanFold } from './span-fold.ts';

/** @throws HanglabError `otlp-failed` when the collector does not take them, `no-such-run`. */
export async function exportRun(folder: string, endpoint: string): Promise<void> {
  const { scenario, defect, seed, startedAt } = readPlan(folder);
  const judged = readVerdict(folder);
  const fold = new SpanFold({
    ...{ scenario: judged?.name ?? scenario, variant: defect, seed, startedAt },
    verdict: judged?.verdict ?? 'none',
    findings: judged ? findingsOf(judged) : [],
    failedAtMs: judged?.failedAtMs ?? {},
    diagnosis: judged?.diagnosis ?? null,
  });
  const sender = spanSender(endpoint);
  for await (const event of readEvents(join(folder, 'history.ndjson'))) {
    await sender.add(fold.step(event));
  }
  await sender.add(fold.finish());
  await sender.end();
}
