/** Plain calls of a Toxiproxy API, with nothing between the test and the wire. */
import { request } from 'node:http';

export interface Answer {
  status: number;
  headers: NodeJS.Dict<string | string[]>;
  text: string;
}

export async function call(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const { hostname, port } = new URL(url);
  const outgoing = request({ hostname, port, path, method, headers, agent: false }, (response) => {
    let text = '';
    response.setEncoding('utf8');
    response.on('data', (part: string) => {
      text += part;
    });
    response.on('end', () => {
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
    });
  });
  outgoing.on('error', reject);
  const content = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
  if (content !== undefined) outgoing.setHeader('Content-Length', Buffer.byteLength(content));
  outgoing.end(content);
  return promise;
}

let count = 0;

/** A name that no other test uses. */
export const freshName = (): string => `proxy-${++count}`;

export interface TestProxy {
  name: string;
  /** `127.0.0.1:port` */
  listen: string;
  api(method: string, path?: string, body?: unknown): Promise<Answer>;
  add(toxic: object): Promise<void>;
  remove(toxicName: string): Promise<void>;
}

/** A proxy before `upstream`, on a free port. */
export async function createTestProxy(url: string, upstream: string): Promise<TestProxy> {
  const name = freshName();
  const body = { name, upstream, listen: '127.0.0.1:0' };
  const answer = await call(url, 'POST', '/proxies', body);
  const { listen } = JSON.parse(answer.text) as { listen: string };
  const api = (method: string, path = '', sent?: unknown) =>
    call(url, method, `/proxies/${name}${path}`, sent);
  return {
    name,
    listen,
    api,
    async add(toxic) {
      const { status, text } = await api('POST', '/toxics', toxic);
      if (status !== 200) throw new Error(`toxic refused: ${status} ${text}`);
    },
    async remove(toxicName) {
      const { status, text } = await api('DELETE', `/toxics/${toxicName}`);
      if (status !== 204) throw new Error(`toxic not removed: ${status} ${text}`);
    },
  };
}
