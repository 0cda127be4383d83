/** What a provider of a Toxiproxy server gives: where its API is, and how to end it. */

export type ProviderName = 'embedded' | 'binary' | 'docker' | 'url';

export const PROVIDER_NAMES: readonly ProviderName[] = ['embedded', 'binary', 'docker', 'url'];

export interface ProvidedServer extends AsyncDisposable {
  /** Of the API, without a slash at its end. */
  readonly url: string;
  /** Of the child process, which leads a process group of its own. */
  readonly pid?: number;
  /** Of the container, for whoever ends what was left behind. */
  readonly containerId?: string;
  /** Turns the address a proxy listens on into one that this machine can reach. */
  readonly reach?: (listen: string) => string;
  /** What a link listens on when no address is given: a free port of this machine. */
  readonly listen?: () => string;
}

export interface ProviderOptions {
  seed: number;
  /** Called when the server ends although nobody asked it to. */
  onTrouble: (message: string) => void;
}
