/** For a server that was started with the addresses of `hanglab links`: its upstreams are those of the links. */
import { describeLinks } from '../../environment/borrow-links.ts';
import type { UpstreamConfig } from '../../target/config/config.ts';
import type { ServerSettings } from './server-options.ts';

/** @throws HanglabError `no-links` */
export async function withLinks(server: ServerSettings): Promise<ServerSettings> {
  if (server.links === null) return server;
  const { links } = await describeLinks(server.links);
  const upstreams = Object.entries(links).map(([name, { at }]): [string, UpstreamConfig] => [
    name,
    at === null ? { model: true } : { at },
  ]);
  return { ...server, base: { ...server.base, upstreams: Object.fromEntries(upstreams) } };
}
