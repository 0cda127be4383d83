/** What `diagnose` is doing, for whoever waits: from one second on. */
import { createLogUpdate } from 'log-update';

/** A diagnosis that is over by then needs no words. */
const QUIET_MS = 1000;

export interface Progress extends Disposable {
  step(what: string): void;
}

/** On a terminal one line that changes; elsewhere a line for each step. */
export function showProgress(stream: NodeJS.WriteStream): Progress {
  const line = stream.isTTY ? createLogUpdate(stream, { showCursor: true }) : null;
  let isQuiet = true;
  let current = '';
  const show = () => {
    if (line) line(`${current} ...`);
    else stream.write(`${current} ...\n`);
  };
  const timer = setTimeout(() => {
    isQuiet = false;
    if (current) show();
  }, QUIET_MS);
  return {
    step(what) {
      const isNew = what !== current;
      current = what;
      if (!isQuiet && isNew) show();
    },
    [Symbol.dispose]() {
      clearTimeout(timer);
      line?.clear();
    },
  };
}
