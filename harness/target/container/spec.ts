/** How a server in a container is started, as its config says it. Texts may have placeholders. */
import type { Ready } from '../started/ready.ts';

export interface ContainerSpec {
  readonly image: ContainerImage;
  /** In place of the image's own command, after its entry point; null leaves that. */
  readonly command: readonly string[] | null;
  readonly env: Readonly<Record<string, string>>;
  readonly ready: Ready;
  readonly readyMs: number;
  readonly stopSignal: NodeJS.Signals;
  /** After the signal and before SIGKILL, when a run is over. */
  readonly graceMs: number;
}

export type ContainerImage =
  | { readonly image: string }
  /** The folder of a Dockerfile. */
  | { readonly build: string; readonly dockerfile: string };
