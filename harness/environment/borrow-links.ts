/**
 * The fixed ports of `hanglab links`, for a run against a server that hanglab has not started: as long as the
 * run has them, its own links listen there. They go back when its connection ends, also when it is killed.
 */
import { z } from 'zod';
import { EXIT, HanglabError, messageOf } from '../platform/errors.ts';

const described = z.object({
  schema: z.literal('hanglab.links/1'),
  links: z.record(
    z.string(),
    z.object({ port: z.int(), kind: z.enum(['model', 'service']), at: z.string().nullable() }),
  ),
});

export type LinksDescription = z.infer<typeof described>;

export interface BorrowedLinks extends AsyncDisposable {
  /** Where each link is to listen, `127.0.0.1:9301`, by the name of its upstream. */
  readonly listen: Readonly<Record<string, string>>;
}

const ANSWER_MS = 5_000;

/** @throws HanglabError `no-links` when no `hanglab links` answers there. */
export async function describeLinks(port: number): Promise<LinksDescription> {
  try {
    const url = `http://127.0.0.1:${port}/`;
    const answer = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
    return described.parse(await answer.json());
  } catch (error) {
    throw new HanglabError(
      'no-links',
      `no \`hanglab links\` answers on port ${port}: start it first, and the server with what it prints`,
      { exitCode: EXIT.cannotRunHere, cause: error },
    );
  }
}

/** @throws HanglabError `no-links`, `links-lent` when another run has them. */
export async function borrowLinks(port: number, signal: AbortSignal): Promise<BorrowedLinks> {
  const { links } = await describeLinks(port);
  const over = new AbortController();
  const until = AbortSignal.any([signal, over.signal]);
  const answer = await fetch(`http://127.0.0.1:${port}/borrow`, {
    method: 'POST',
    signal: until,
  }).catch((error: unknown): never => {
    signal.throwIfAborted();
    throw new HanglabError('no-links', `the links on port ${port}: ${messageOf(error)}`, {
      exitCode: EXIT.cannotRunHere,
    });
  });
  if (answer.status !== 200) {
    throw new HanglabError(
      'links-lent',
      `another run has the links of port ${port}: let it end first`,
      { exitCode: EXIT.cannotRunHere },
    );
  }
  // Its head came when the ports were free; its body ends with the loan.
  const ended = answer.text().catch(() => {});
  return {
    listen: Object.fromEntries(
      Object.entries(links).map(([name, { port: at }]) => [name, `127.0.0.1:${at}`]),
    ),
    async [Symbol.asyncDispose]() {
      over.abort();
      await ended;
    },
  };
}
