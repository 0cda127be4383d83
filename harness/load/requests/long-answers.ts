/**
 * Streams whose answer is as long as the load wants, one after another, and what each of them costs the target:
 * its CPU time, for so many tokens. The scripted model says as much as it is asked to.
 */

import { z } from 'zod';
import type { Environment } from '../../environment/environment.ts';
import type { Phase } from '../../history/events.ts';
import { checkOptions, count } from '../../platform/options.ts';
import { readStat } from '../../platform/procfs/process.ts';
import { pause, unlessStopped } from '../../platform/wait.ts';
import type { Operation } from '../../target/operations/operation.ts';
import { duringShape, type Load } from '../load.ts';
import { sendOnce, watchOperations } from '../watch.ts';

export interface LongAnswersOptions {
  /** How long the answers are, in tokens, in this order: each stream gets one of each length. */
  tokens: readonly number[];
  /** As fast as the model can when not given. */
  tokensPerSecond?: number;
  /** What they are made of: `prose` when not given, or text full of braces. */
  of?: 'prose' | 'braces';
  during?: readonly Phase[];
}

const SHAPE = z.strictObject({
  tokens: z.array(count).min(1),
  tokensPerSecond: z.number().positive().optional(),
  of: z.enum(['prose', 'braces']).optional(),
  during: duringShape.optional(),
});

/** The first one compiles the server's code, and is not measured. */
const WARM_TOKENS = 10;
/** What follows an answer, as storing it, is over by then. */
const AFTER_MS = 100;

export function longAnswers(options: LongAnswersOptions): Load {
  checkOptions('longAnswers', SHAPE, options);
  const { during = ['fault'], of = 'prose' } = options;
  const one = async (
    environment: Environment,
    operation: Operation,
    tokens: number,
    stop: AbortSignal,
  ): Promise<void> => {
    const { tokensPerSecond } = options;
    const behaviour = {
      name: `an answer of ${tokens} tokens`,
      answerTokens: tokens,
      ...(of === 'braces' ? { answerOf: of } : {}),
      ...(tokensPerSecond === undefined ? {} : { tokensPerSecond }),
    };
    await using _rule = await environment.modelRules.add({
      when: { operation: 'chat' },
      behaviour,
    });
    await unlessStopped(sendOnce(environment, operation), stop);
    await pause(AFTER_MS, stop);
  };
  return {
    name: 'long answers',
    needs: ['stream', 'chat'],
    watches: true,
    during,
    async warmup(environment, stop) {
      await watchOperations(environment, ['stream'], 'load', stop);
      for (const operation of answering(environment)) {
        await one(environment, operation, WARM_TOKENS, stop);
      }
    },
    async run(environment, stop) {
      const { recorder } = environment;
      for (const tokens of options.tokens) {
        for (const operation of answering(environment)) {
          if (stop.aborted) return;
          const beforeMs = cpuMs(environment);
          await one(environment, operation, tokens, stop);
          const spentMs = cpuMs(environment) - beforeMs;
          if (stop.aborted) return;
          const what = operation.name;
          recorder.record({ kind: 'cost', what, size: tokens, cpuMs: spentMs, bytes: 0 });
        }
      }
    },
  };
}

/** Streams that come to an end and ask the model; what needs an id last. */
function answering({ operations, upstreams }: Environment): readonly Operation[] {
  const models = new Set(
    Object.keys(upstreams).filter((name) => upstreams[name]?.kind === 'model'),
  );
  return operations
    .sendable(['stream'])
    .filter((each) => !each.stream?.endless && !operations.uses(each)?.isDisjointFrom(models));
}

/** CPU time of the target's processes since their start. */
function cpuMs({ target }: Environment): number {
  return target.processes.pids().reduce((sum, pid) => {
    const stat = readStat(pid);
    return sum + (stat ? stat.userMs + stat.systemMs : 0);
  }, 0);
}
