/** The variables of a suspended function, as a report may show them. */
import type { Protocol } from 'devtools-protocol/types/protocol.js';
import { redactValue } from '../../platform/redact.ts';
import type { Local } from '../diagnosis.ts';
import type { Inspector } from './session.ts';

const MAX_LOCALS = 8;
const MAX_VALUE_CHARACTERS = 60;
/** Beyond this nothing is searched for secrets, or shown. */
const MAX_READ_CHARACTERS = 2000;

/** The function's own variables, nearest scope only, cut short; what looks secret is not shown. */
export async function localsOf(inspector: Inspector, scopesId: string): Promise<Local[]> {
  const { result: scopes } = await inspector.send('Runtime.getProperties', {
    objectId: scopesId,
    ownProperties: true,
  });
  // Blocks stand before the function's own scope; closures, module and globals are not its own.
  const own = scopes.flatMap(({ value }) =>
    value?.objectId && /^(Local|Block|Catch)/.test(value.description ?? '') ? value.objectId : [],
  );
  const properties = await Promise.all(
    own.map((objectId) =>
      inspector.send('Runtime.getProperties', { objectId, ownProperties: true }),
    ),
  );
  return properties
    .flatMap(({ result }) => result)
    .flatMap(({ name, value }) =>
      name === 'this' || !value || value.type === 'undefined' ? [] : [{ name, value }],
    )
    .slice(0, MAX_LOCALS)
    .map(({ name, value }) => ({ name, value: shown(name, value) }));
}

function shown(name: string, value: Protocol.Runtime.RemoteObject): string {
  const isText = value.type === 'string';
  const whole = isText ? String(value.value) : (value.description ?? String(value.value));
  const [line = ''] = redactValue(name, whole.slice(0, MAX_READ_CHARACTERS)).split('\n', 1);
  const cut = line.length > MAX_VALUE_CHARACTERS ? `${line.slice(0, MAX_VALUE_CHARACTERS)}…` : line;
  return isText && cut !== '(not shown)' ? JSON.stringify(cut) : cut;
}
