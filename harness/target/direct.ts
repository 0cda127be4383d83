/** A target that is nobody's child but hanglab's. */
import type { Launcher } from './adapter.ts';

/**
 * Its data is temporary and its verdict is in, so there is no grace; a scenario that judges the shutdown
 * sends SIGTERM itself.
 */
export const direct: Launcher = {
  launch: ({ script, args }) => ({ command: [process.execPath, script, ...args], environment: {} }),
  beforeEnd: async () => {},
};
