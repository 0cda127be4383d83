/** A timer that ends with its request: one listener for all the waits of an answer. */
export function waiter(signal: AbortSignal): (ms: number) => Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let giveUp: ((reason: unknown) => void) | undefined;
  signal.addEventListener('abort', () => {
    clearTimeout(timer);
    giveUp?.(signal.reason);
  });
  return (ms) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      giveUp = reject;
      timer = setTimeout(resolve, ms);
    });
}
