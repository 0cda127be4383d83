/** Starting a Node program so that functions which were lost together with their promises can be named. */

/** What Node is to be started with; see the module itself for what it does and costs. */
export const RETAIN_PROMISES = `--import=${new URL('../inspector/hooks/retain-promises.mjs', import.meta.url).href}`;

/** What names the functions behind requests that nobody will answer. */
export function howToRetain(isRun: boolean): string {
  return isRun
    ? 'to have the functions named that were lost: run it again with --retain-promises'
    : `to have the functions named that were lost: start it again with NODE_OPTIONS="${RETAIN_PROMISES}"`;
}
