/** Opens a page in the reader's browser, where there is one. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** @returns whether something was started that opens it. */
export async function openInBrowser(url: string): Promise<boolean> {
  const command = process.platform === 'darwin' ? 'open' : 'xdg-open';
  const child = spawn(command, [url], { stdio: 'ignore', detached: true });
  try {
    await once(child, 'spawn');
  } catch {
    return false;
  }
  // It outlives this command: the browser may be its child.
  child.on('error', () => {});
  child.unref();
  return true;
}
