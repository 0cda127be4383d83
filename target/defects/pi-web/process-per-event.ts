import { type ChildProcess, spawn } from 'node:child_process';
import { defect } from '../defect.ts';

/** Stands for a container's process limit: beyond it, no process is started. */
const MOST = 200;

export default defect({
  why: 'For each piece of an answer, a helper program is started that never ends.',
  parts: (healthy) => ({
    broadcast(parts) {
      const broadcast = healthy.broadcast(parts);
      const children = new Set<ChildProcess>();
      const hook = (text: string) => {
        if (children.size >= MOST) return;
        const child = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] });
        children.add(child);
        child.on('error', () => {});
        child.once('exit', () => children.delete(child));
        // Its input is never closed, so it waits for more input.
        child.stdin.on('error', () => {});
        child.stdin.write(`${text}\n`);
      };
      return {
        ...broadcast,
        piece(turn, path, text) {
          hook(text);
          return broadcast.piece(turn, path, text);
        },
        stop() {
          broadcast.stop();
          for (const child of children) child.kill('SIGKILL');
        },
      };
    },
  }),
});
