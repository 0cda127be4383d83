import { type ChildProcess, spawn } from 'node:child_process';
import { defect } from '../defect.ts';

/** As a container's limit of processes would: beyond, no more can be started. */
const MOST = 200;

export default defect({
  why: 'For each piece of an answer a program is run that is to hear of it, and is never told to end.',
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
        // Its input is never closed, so it waits for more.
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
