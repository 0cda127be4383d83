import { noop } from './noop.ts';
import type { ToxicKind } from './toxic.ts';

/** Closes a new connection at once while `connections` others of its proxy are open. */
export const limitConnections: ToxicKind<{ connections: number }> = {
  type: 'limit_connections',
  typeName: 'LimitConnectionsToxic',
  attributes: { connections: { type: 'int64', min: 0 } },
  extra: true,
  pipe: (stub, _attributes, random) => noop.pipe(stub, {}, random, undefined),
  opening: ({ connections }, openConnections) => (openConnections >= connections ? 'refuse' : 0),
};
