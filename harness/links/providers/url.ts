/** A Toxiproxy that somebody else runs. It is used, never ended. */
import { EXIT, HanglabError } from '../../platform/errors.ts';
import { isLoopback } from '../../platform/loopback.ts';
import type { ProvidedServer } from '../provider.ts';

/**
 * @throws HanglabError `toxiproxy-url` when it is no URL, or not on this machine: links would then
 * listen on another one, which `allowRemote` says is meant.
 */
export function useUrl(given: string | undefined, allowRemote: boolean): ProvidedServer {
  if (!given) {
    throw new HanglabError(
      'toxiproxy-url',
      'no URL of a Toxiproxy: give --toxiproxy URL or set TOXIPROXY_URL, like http://127.0.0.1:8474',
      { exitCode: EXIT.usage },
    );
  }
  const parsed = URL.parse(given);
  if (parsed?.protocol !== 'http:') {
    throw new HanglabError(
      'toxiproxy-url',
      `"${given}" is not the URL of a Toxiproxy: expected one like http://127.0.0.1:8474`,
      { exitCode: EXIT.usage },
    );
  }
  if (!allowRemote && !isLoopback(parsed.hostname)) {
    throw new HanglabError(
      'toxiproxy-url',
      `the Toxiproxy at ${given} is not on this machine: only 127.0.0.1, ::1 and localhost are taken`,
      { exitCode: EXIT.usage },
    );
  }
  return { url: parsed.origin, async [Symbol.asyncDispose]() {} };
}
