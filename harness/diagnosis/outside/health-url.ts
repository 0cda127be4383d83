/** A health URL that a person gave: whether it can be one, and whether anything listens there. */
import { connect } from 'node:net';
import { HanglabError } from '../../platform/errors.ts';
import { isLoopback } from '../../platform/loopback.ts';
import { readFds } from '../../platform/procfs/fds.ts';
import { listenersAmong } from '../../platform/procfs/listening.ts';
import { readSockets } from '../../platform/procfs/sockets.ts';

const CONNECT_MS = 2000;

/** What is wrong with the text of a URL, or null. */
export function healthUrlProblem(text: string): string | null {
  const url = URL.parse(text);
  const isOne = url !== null && /^https?:$/.test(url.protocol) && isLoopback(url.hostname);
  if (isOne) return null;
  return `--health ${text}: expected a URL on this machine, like http://127.0.0.1:8080/health`;
}

/**
 * Connects once, before anything is done to the process. A server that is stuck, or overwhelmed, still has
 * its connections taken by the kernel; nobody at all is a mistake in the URL. Unless the process has clients on
 * that port: then it has closed its listener, as a server does that is to end.
 * @throws HanglabError `health-unreachable`.
 */
export async function checkHealthUrl(text: string, pid: number): Promise<void> {
  const problem = healthUrlProblem(text);
  if (problem) throw new HanglabError('bad-usage', problem);
  const url = new URL(text);
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  const why = await refusal(url.hostname.replace(/^\[(.*)\]$/, '$1'), port);
  if (why === null) return;
  const sockets = readSockets(pid, readFds(pid).socketInodes);
  if (sockets.some(({ localPort }) => localPort === port)) return;
  const ports = [...new Set(listenersAmong(sockets).map(({ localPort }) => localPort))];
  const listens =
    ports.length === 0
      ? 'on no port'
      : `on ${ports.length === 1 ? 'port' : 'ports'} ${ports.join(', ')}`;
  throw new HanglabError(
    'health-unreachable',
    `--health ${text}: nothing listens there (${why}). Process ${pid} listens ${listens}; ` +
      'give the URL of its own health path, or leave --health out.',
  );
}

/** Why nobody takes a connection; null when it is taken, or merely does not come in time. */
function refusal(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (why: string | null) => {
      socket.destroy();
      resolve(why);
    };
    socket.setTimeout(CONNECT_MS, () => end(null));
    socket.once('connect', () => end(null));
    socket.once('error', ({ code = 'refused' }: NodeJS.ErrnoException) => end(code));
  });
}
