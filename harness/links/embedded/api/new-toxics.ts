/** Toxics as requests describe them: one by itself, or those that come with a new proxy. */

import type { Toxic } from '../pipe/pipe.ts';
import type { TcpProxy } from '../proxy/proxy.ts';
import { toxicKind } from '../toxics/registry.ts';
import { ALL, checkSelection, readToxic, readToxicChange, toxicsIn } from './api-bodies.ts';
import * as errors from './api-error.ts';
import type { JsonValue } from './go-json.ts';

/** Makes a toxic for a proxy. @throws ApiError 409 when it has one of that name. */
export type MakeToxic = (proxy: TcpProxy) => Toxic;

export function newToxics(extras: boolean) {
  /** @throws ApiError 400 */
  const toxicFrom = (value: JsonValue): MakeToxic => {
    const { type, only, ...fields } = readToxic(value);
    const kind = toxicKind(type, extras);
    if (!kind) throw errors.invalidToxicType();
    if (extras) checkSelection(only);
    const { attributes } = readToxicChange(kind, {}, value, 'attributes');
    return (proxy) => {
      if (proxy.toxics.some(({ name }) => name === fields.name)) throw errors.toxicAlreadyExists();
      return {
        ...fields,
        kind,
        attributes,
        only: extras ? only : ALL,
        acceptedBefore: proxy.accepted,
        shared: kind.share?.(),
      };
    };
  };
  return {
    toxicFrom,
    /** Toxiproxy ignores the toxics that a new proxy brings along. */
    toxicsFrom(value: JsonValue): { toxics?: MakeToxic[] } {
      const toxics = extras ? toxicsIn(value)?.map(toxicFrom) : undefined;
      return toxics ? { toxics } : {};
    },
  };
}
