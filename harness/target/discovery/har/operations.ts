/** From a browser's recording to the operations of a config. */
import { METHODS } from '../../config/build-operation.ts';
import type { OperationConfig } from '../../config/config.ts';
import { placeholdersIn } from '../../config/template.ts';
import {
  type Candidate,
  DANGEROUS_REASON,
  isDangerous,
  nameFor,
  type Offered,
  together,
  type Unused,
} from '../offered.ts';
import { promised } from '../promised.ts';
import { secretsIn } from '../secrets.ts';
import type { HarEntry } from './har.ts';
import { type OwnEntry, ownEntries } from './own-entries.ts';
import { idOf, itemIdOf, itemOf } from './recorded-id.ts';
import { bodyOf, headersOf, Left, streamOf } from './recorded-request.ts';

export function harOperations(entries: readonly HarEntry[]): Offered {
  const own = ownEntries(entries);
  const candidates: Candidate[] = [];
  const unused: Unused[] = [];
  const seen = new Set<string>();
  for (const each of own) {
    const label = `${each.method} ${each.path.split('?')[0]}`;
    // The same again, with other values: one of them is enough.
    if (seen.has(label) || !(METHODS as readonly string[]).includes(each.method.toLowerCase()))
      continue;
    seen.add(label);
    try {
      candidates.push(...candidatesFor(each, label, own));
    } catch (error) {
      if (!(error instanceof Left)) throw error;
      unused.push({ label, reason: error.message });
    }
  }
  return together([{ candidates, unused }]);
}

/** @throws Left */
function candidatesFor(each: OwnEntry, label: string, own: readonly OwnEntry[]): Candidate[] {
  const { entry, method, path } = each;
  const { status } = entry.response;
  if (isDangerous(path)) throw new Left(DANGEROUS_REASON);
  if (entry._resourceType === 'websocket' || status === 101) {
    throw new Left('it was a WebSocket, which hanglab does not send yet');
  }
  if (status < 200 || status >= 400) {
    throw new Left(`it was answered with status ${status} when it was recorded`);
  }
  const writes = own.filter(({ method: m }) => m === 'POST' || m === 'PUT');
  const maker = writes.find((write) => itemIdOf(write, path) !== null);
  if (maker !== undefined) {
    throw new Left(`it asks for what POST ${maker.path.split('?')[0]} made in the recording`);
  }
  if (method === 'DELETE') throw new Left('no write of the recording makes what it deletes');
  const { headers: typed, ...body } = method === 'GET' ? {} : bodyOf(entry);
  const headers = { ...headersOf(entry), ...typed };
  const stream = streamOf(entry);
  const config: OperationConfig = {
    [method.toLowerCase()]: path,
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    ...body,
    // A page that was in the browser's cache comes whole to a client that has none.
    ...(status < 300 || status === 304 ? {} : { good: status }),
    ...(stream === null ? {} : { stream }),
  };
  if (placeholdersIn(JSON.stringify(config)).some((name) => !/^(title|text)$/.test(name))) {
    throw new Left('it has a "${…}" in it, which hanglab would read as a placeholder');
  }
  const secrets = secretsIn(config);
  const candidate: Candidate = {
    name: nameFor(method, path),
    label,
    config,
    guesses: [],
    ...(secrets.length === 0 ? {} : { secrets }),
  };
  const id = writes.includes(each) ? idOf(entry) : null;
  return id === null ? [candidate] : promised(candidate, id.path, itemOf(each, id.value, own));
}
