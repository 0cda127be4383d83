/** A request as the bytes that go over the wire, for clients that misbehave on purpose. */
import { randomBytes } from 'node:crypto';
import type { HttpBody, HttpRequest } from '../target/operations/http-message.ts';

export interface RawRequest {
  head: Buffer;
  body: Buffer;
}

/** HTTP/1.1 with a length. `websocket` asks for the upgrade; the body is its first message then. */
export async function rawRequest(
  { method, path, headers, body }: HttpRequest,
  host: string,
  websocket = false,
): Promise<RawRequest> {
  const { bytes, contentType } = await encoded(body);
  const lines = [`${method} ${path} HTTP/1.1`, `Host: ${host}`];
  const all: Record<string, string> = {
    ...(contentType && !websocket ? { 'content-type': contentType } : {}),
    ...headers,
    ...(websocket
      ? {
          upgrade: 'websocket',
          connection: 'Upgrade',
          'sec-websocket-version': '13',
          'sec-websocket-key': randomBytes(16).toString('base64'),
        }
      : {}),
    ...(websocket || body === null ? {} : { 'content-length': String(bytes.length) }),
  };
  for (const [name, value] of Object.entries(all)) lines.push(`${name}: ${value}`);
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  return { head, body: websocket && body !== null ? textFrame(bytes) : bytes };
}

async function encoded(body: HttpBody | null): Promise<{ bytes: Buffer; contentType: string }> {
  if (body === null) return { bytes: Buffer.alloc(0), contentType: '' };
  if (body.kind === 'text') return { bytes: Buffer.from(body.text), contentType: body.contentType };
  const form = new FormData();
  for (const [name, part] of Object.entries(body.parts)) {
    if (typeof part === 'string') form.set(name, part);
    else form.set(name, new Blob([part.text], { type: part.type }), part.filename);
  }
  const response = new Response(form);
  const bytes = Buffer.from(await response.arrayBuffer());
  return { bytes, contentType: response.headers.get('content-type') ?? '' };
}

const SHORT = 126;
const MEDIUM = 2 ** 16;

/** One whole text message as a client sends it: masked, by zeros (RFC 6455, section 5). */
function textFrame(text: Buffer): Buffer {
  const { length } = text;
  const size = Buffer.alloc(length < SHORT ? 1 : length < MEDIUM ? 3 : 9);
  if (length < SHORT) size.writeUInt8(0x80 | length);
  else if (length < MEDIUM) {
    size.writeUInt8(0x80 | 126);
    size.writeUInt16BE(length, 1);
  } else {
    size.writeUInt8(0x80 | 127);
    size.writeBigUInt64BE(BigInt(length), 1);
  }
  return Buffer.concat([Buffer.from([0x81]), size, Buffer.alloc(4), text]);
}
