/** The servers that the conformance tests are run against: ours, and the real one where there is one. */
import { findBinary } from '../binary-path.ts';
import { startEmbeddedServer } from '../embedded/server.ts';
import { startBinary } from '../providers/binary.ts';

export interface TestedServer extends AsyncDisposable {
  /** Of the API. */
  readonly url: string;
}

export interface Candidate {
  /** As the tests call it; says why it is skipped. */
  name: string;
  skipped: boolean;
  start(): Promise<TestedServer>;
}

export const embedded: Candidate = {
  name: 'embedded',
  skipped: false,
  start: () => startEmbeddedServer({ port: 0, seed: 1 }),
};

const binary = await findBinary();

export const real: Candidate = {
  name:
    binary === undefined
      ? 'real (skipped: no toxiproxy-server in HANGLAB_TOXIPROXY_BINARY, on the PATH or in the cache)'
      : 'real',
  skipped: binary === undefined,
  start: () => startBinary({ seed: 1, onTrouble: () => {} }),
};

export const candidates: readonly Candidate[] = [embedded, real];
