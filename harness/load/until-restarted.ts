/** Sends nothing: the phase of the fault is over when the target has ended and is up again. */
import type { HistoryEvent } from '../history/events.ts';
import { unlessStopped } from '../platform/wait.ts';
import type { Load } from './load.ts';

export function untilRestarted(): Load {
  return {
    name: 'until restarted',
    needs: ['restart'],
    during: ['fault'],
    async warmup() {},
    async run({ recorder }, stop) {
      const started = Promise.withResolvers<void>();
      using _listening = recorder.onEvent((event: HistoryEvent) => {
        if (event.kind === 'target-start') started.resolve();
      });
      await unlessStopped(started.promise, stop);
    },
  };
}
