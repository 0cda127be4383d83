/** Every route of the API: status, type and body, on the embedded server and on the real one. */

import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call } from './api-calls.ts';
import { candidates, type TestedServer } from './servers.ts';

const PLAIN = 'text/plain; charset=utf-8';
const JSON_TYPE = 'application/json';

const proxyText = (name: string, more = ''): string =>
  `{"name":"${name}","listen":"127.0.0.1:PORT","upstream":"127.0.0.1:1","enabled":true,` +
  `"Logger":{},"toxics":[${more}]}`;
const toxicText = (name: string, attributes: string, stream = 'downstream', toxicity = '1') =>
  `{"attributes":${attributes},"name":"${name}","type":"latency","stream":"${stream}",` +
  `"toxicity":${toxicity}}`;
const refusal = (status: number, error: string): string => `${JSON.stringify({ error, status })}\n`;
const unmarshal = (what: string): string =>
  refusal(400, `bad request body: json: cannot unmarshal ${what}`);

/** Ports are any; `PORT` stands for them. */
const withoutPorts = (text: string): string =>
  text.replace(/("listen":"[^"]*:)[1-9]\d*"/g, '$1PORT"');

type Row = [method: string, path: string, body: unknown, status: number, text: string];

describe.each(candidates)('$name', ({ skipped, start }) => {
  describe.skipIf(skipped)('its API', () => {
    let server: TestedServer;
    beforeAll(async () => {
      server = await start();
      await call(server.url, 'POST', '/proxies', proxy('base'));
    });
    afterAll(() => server[Symbol.asyncDispose]());

    const proxy = (name: string) => ({ name, upstream: '127.0.0.1:1', listen: '127.0.0.1:0' });
    const ask = (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
      call(server.url, method, path, body, headers);
    const expectRow = async ([method, path, body, status, text]: Row): Promise<void> => {
      const answer = await ask(method, path, body);
      expect(withoutPorts(answer.text), `${method} ${path} ${JSON.stringify(body)}`).toBe(text);
      expect(answer.status).toBe(status);
      if (status === 204 || text === '')
        return expect(answer.headers['content-type']).toBeUndefined();
      expect(answer.headers['content-type']).toBe(text.endsWith('\n') ? PLAIN : JSON_TYPE);
      expect(answer.headers['x-content-type-options']).toBe(
        text.endsWith('\n') ? 'nosniff' : undefined,
      );
    };

    test('answers its version', async () => {
      const { status, text, headers } = await ask('GET', '/version');
      expect({ status, text }).toEqual({ status: 200, text: '{"version": "2.12.0"}\n' });
      expect(headers['content-type']).toBe('application/json;charset=utf-8');
      expect(headers['x-toxiproxy-request-id']).toMatch(/^[0-9a-v]{20}$/);
    });

    test('creates, shows, lists, changes and removes a proxy', async () => {
      const rows: Row[] = [
        ['POST', '/proxies', proxy('life'), 201, proxyText('life')],
        ['POST', '/proxies', proxy('life'), 409, refusal(409, 'proxy already exists')],
        ['GET', '/proxies/life', undefined, 200, proxyText('life')],
        ['POST', '/proxies/life', { enabled: true }, 200, proxyText('life')],
        [
          'PATCH',
          '/proxies/life',
          { enabled: false, name: 'other' },
          200,
          proxyText('life').replace('true', 'false'),
        ],
        ['PATCH', '/proxies/life', { ENABLED: true }, 200, proxyText('life')],
        [
          'PATCH',
          '/proxies/life',
          { upstream: '127.0.0.1:2' },
          200,
          proxyText('life').replace('.1:1"', '.1:2"'),
        ],
        ['DELETE', '/proxies/life', undefined, 204, ''],
        ['DELETE', '/proxies/life', undefined, 404, refusal(404, 'proxy not found')],
        ['GET', '/proxies/life', undefined, 404, refusal(404, 'proxy not found')],
        ['PATCH', '/proxies/life', 'nonsense', 404, refusal(404, 'proxy not found')],
      ];
      for (const row of rows) await expectRow(row);
    });

    test.each(['0.0.0.0:0', ':0', '[::]:0'])('listens on all interfaces for %s', async (listen) => {
      const { text } = await ask('POST', '/proxies', { ...proxy('all'), listen });
      const [, port] = /"listen":"\[::\]:(\d+)"/.exec(text) ?? [];
      for (const host of ['127.0.0.1', '::1']) {
        const socket = connect(Number(port), host);
        await once(socket, 'connect');
        socket.destroy();
      }
      await ask('DELETE', '/proxies/all');
    });

    test('a disabled proxy keeps its address as it was given', async () => {
      const { text } = await ask('POST', '/proxies', {
        ...proxy('off'),
        listen: 'localhost:0',
        enabled: false,
      });
      expect(text).toContain('"listen":"localhost:0","upstream":"127.0.0.1:1","enabled":false');
      await ask('DELETE', '/proxies/off');
    });

    test.each<[string, unknown, string]>([
      ['empty', '', 'EOF'],
      ['no JSON', 'hello', "invalid character 'h' looking for beginning of value"],
      ['a bracket', '}', "invalid character '}' looking for beginning of value"],
      ['a quote', "{'a'", "invalid character '\\'' looking for beginning of object key string"],
      ['UTF-8', 'é', "invalid character 'Ã' looking for beginning of value"],
      ['a control character', '{"a\n', "invalid character '\\n' in string literal"],
      ['cut', '{"name":"a', 'unexpected EOF'],
      ['cut in a word', 'tru', 'unexpected EOF'],
      ['a wrong word', 'trux', "invalid character 'x' in literal true (expecting 'e')"],
      ['no colon', '{"a" 1', "invalid character '1' after object key"],
      ['no comma', '{"a":1 2', "invalid character '2' after object key:value pair"],
      [
        'a comma too many',
        '{"a":1,}',
        "invalid character '}' looking for beginning of object key string",
      ],
      ['no comma in an array', '[1 2', "invalid character '2' after array element"],
      ['a wrong escape', '{"name":"a\\x"}', "invalid character 'x' in string escape code"],
      [
        'a wrong \\u',
        '{"name":"a\\u12g"}',
        "invalid character 'g' in \\u hexadecimal character escape",
      ],
      ['a lone minus', '{"name":-}', "invalid character '}' in numeric literal"],
      [
        'no decimals',
        '{"name":1.}',
        "invalid character '}' after decimal point in numeric literal",
      ],
      ['no exponent', '{"name":1e}', "invalid character '}' in exponent of numeric literal"],
      ['a leading zero', '{"name":01}', "invalid character '1' after object key:value pair"],
      ['an array', '[]', 'json: cannot unmarshal array into Go value of type toxiproxy.Proxy'],
      [
        'more after it',
        '123x',
        'json: cannot unmarshal number into Go value of type toxiproxy.Proxy',
      ],
      [
        'a number for a name',
        { name: 1 },
        'json: cannot unmarshal number into Go struct field Proxy.name of type string',
      ],
      [
        'in another case',
        { NAME: 5 },
        'json: cannot unmarshal number into Go struct field Proxy.name of type string',
      ],
      [
        'a text for a bool',
        { enabled: 'x' },
        'json: cannot unmarshal string into Go struct field Proxy.enabled of type bool',
      ],
      [
        'a text for the logger',
        { Logger: 'x' },
        'json: cannot unmarshal string into Go struct field Proxy.Logger of type zerolog.Logger',
      ],
    ])('refuses a body that is %s', async (_, body, why) => {
      await expectRow(['POST', '/proxies', body, 400, refusal(400, `bad request body: ${why}`)]);
    });

    test.each<[unknown, string]>([
      ['null', 'name'],
      [{ name: null }, 'name'],
      [{ apiServer: 3 }, 'name'],
      [{ name: 'x' }, 'upstream'],
    ])('misses a field in %j', async (body, field) => {
      await expectRow([
        'POST',
        '/proxies',
        body,
        400,
        refusal(400, `missing required field: ${field}`),
      ]);
    });

    test.each<[string, string]>([
      ['foo', 'listen tcp: address foo: missing port in address'],
      ['a:b:c', 'listen tcp: address a:b:c: too many colons in address'],
      ['[::1:80', "listen tcp: address [::1:80: missing ']' in address"],
      ['[::1]', 'listen tcp: address [::1]: missing port in address'],
      ['[::1]x:80', 'listen tcp: address [::1]x:80: missing port in address'],
      ['::1]:80', 'listen tcp: address ::1]:80: too many colons in address'],
      ['127.0.0.1:99999', 'listen tcp: address 99999: invalid port'],
      ['127.0.0.1:-1', 'listen tcp: address -1: invalid port'],
      ['127.0.0.1:abc', 'listen tcp: lookup tcp/abc: unknown port'],
      ['127.0.0.1: 80', 'listen tcp: lookup tcp/ 80: unknown port'],
      ['192.0.2.1:80', 'listen tcp 192.0.2.1:80: bind: cannot assign requested address'],
    ])('cannot listen on %s', async (listen, why) => {
      await expectRow(['POST', '/proxies', { ...proxy('bad'), listen }, 500, refusal(500, why)]);
      const [, afterColon] = /^listen tcp: (.*)/.exec(why) ?? [];
      // A proxy that is to change says it in shorter words, and stays as it is.
      if (afterColon === undefined) return;
      await expectRow(['PATCH', '/proxies/base', { listen }, 500, refusal(500, afterColon)]);
      await expectRow(['GET', '/proxies/base', undefined, 200, proxyText('base')]);
    });

    test('cannot listen on a port that is taken, and then stands disabled', async () => {
      const taken = createServer().listen(0, '127.0.0.1');
      await once(taken, 'listening');
      const listen = `127.0.0.1:${(taken.address() as { port: number }).port}`;
      const why = `listen tcp ${listen}: bind: address already in use`;
      await expectRow(['POST', '/proxies', { ...proxy('bad'), listen }, 500, refusal(500, why)]);
      await ask('POST', '/proxies', proxy('moves'));
      await expectRow(['PATCH', '/proxies/moves', { listen }, 500, refusal(500, why)]);
      const { text } = await ask('GET', '/proxies/moves');
      expect(text).toContain(`"listen":"${listen}","upstream":"127.0.0.1:1","enabled":false`);
      taken.close();
      await once(taken, 'close');
      expect((await ask('POST', '/reset')).status).toBe(204);
      expect((await ask('GET', '/proxies/moves')).text).toContain('"enabled":true');
      await ask('DELETE', '/proxies/moves');
    });

    test('creates, shows, lists, changes and removes a toxic', async () => {
      const none = '{"latency":0,"jitter":0}';
      const at = '/proxies/base/toxics';
      const up = toxicText('latency_UpStream', none, 'UpStream');
      const down = toxicText('latency_downstream', '{"latency":10,"jitter":0}');
      const changed = toxicText(
        'latency_downstream',
        '{"latency":10,"jitter":3}',
        undefined,
        '0.1',
      );
      const rows: Row[] = [
        ['GET', at, undefined, 200, '[]'],
        ['POST', at, { type: 'latency', attributes: { LATENCY: 10, foo: 'x' } }, 200, down],
        ['POST', at, { type: 'latency', stream: 'UpStream' }, 200, up],
        ['POST', at, { type: 'latency' }, 409, refusal(409, 'toxic already exists')],
        ['GET', `${at}/latency_downstream`, undefined, 200, down],
        ['GET', at, undefined, 200, `[${up},${down}]`],
        ['GET', '/proxies/base', undefined, 200, proxyText('base', `${up},${down}`)],
        [
          'POST',
          `${at}/latency_downstream`,
          { attributes: { jitter: 3 }, toxicity: 0.1, name: 'other', type: 'slicer' },
          200,
          changed,
        ],
        ['PATCH', `${at}/latency_downstream`, { attributes: null }, 200, changed],
        ['PATCH', `${at}/latency_downstream`, '', 400, refusal(400, 'bad request body: EOF')],
        ['PATCH', `${at}/none`, '', 404, refusal(404, 'toxic not found')],
        ['GET', `${at}/none`, undefined, 404, refusal(404, 'toxic not found')],
        ['DELETE', `${at}/none`, undefined, 404, refusal(404, 'toxic not found')],
        ['DELETE', `${at}/latency_downstream`, undefined, 204, ''],
        ['GET', '/proxies/none/toxics', undefined, 404, refusal(404, 'proxy not found')],
        ['POST', '/proxies/none/toxics', 'x', 404, refusal(404, 'proxy not found')],
        ['POST', '/reset', undefined, 204, ''],
        ['GET', at, undefined, 200, '[]'],
      ];
      for (const row of rows) await expectRow(row);
    });

    test.each<[unknown, string]>([
      [{ type: 'none' }, 'invalid toxic type'],
      [{}, 'invalid toxic type'],
      [
        { type: 'latency', stream: 'sideways' },
        'stream was invalid, can be either upstream or downstream',
      ],
      [{ type: 'latency', stream: '' }, 'stream was invalid, can be either upstream or downstream'],
    ])('refuses the toxic %j', async (body, why) => {
      await expectRow(['POST', '/proxies/base/toxics', body, 400, refusal(400, why)]);
    });

    test.each<[unknown, string]>([
      [{ type: 5 }, 'number into Go struct field ToxicWrapper.type of type string'],
      [{ toxicity: 'x' }, 'string into Go struct field ToxicWrapper.toxicity of type float32'],
      [
        '{"toxicity":1e40}',
        'number 1e40 into Go struct field ToxicWrapper.toxicity of type float32',
      ],
      [
        { attributes: 5 },
        'number into Go struct field ToxicWrapper.attributes of type toxics.NoopToxic',
      ],
      [[], 'array into Go value of type toxics.ToxicWrapper'],
      [
        { type: 'latency', attributes: { latency: 'x' } },
        'string into Go struct field LatencyToxic.attributes.latency of type int64',
      ],
      [
        { type: 'latency', attributes: { latency: 1.5 } },
        'number 1.5 into Go struct field LatencyToxic.attributes.latency of type int64',
      ],
      [
        '{"type":"latency","attributes":{"latency":1e3}}',
        'number 1e3 into Go struct field LatencyToxic.attributes.latency of type int64',
      ],
      [
        { type: 'slicer', attributes: { average_size: true } },
        'bool into Go struct field SlicerToxic.attributes.average_size of type int',
      ],
      [
        { type: 'bandwidth', attributes: { rate: [] } },
        'array into Go struct field BandwidthToxic.attributes.rate of type int64',
      ],
      [
        { type: 'slow_close', attributes: { delay: {} } },
        'object into Go struct field SlowCloseToxic.attributes.delay of type int64',
      ],
      [
        { type: 'reset_peer', attributes: { timeout: 'x' } },
        'string into Go struct field ResetToxic.attributes.timeout of type int64',
      ],
      [
        { type: 'timeout', attributes: { timeout: 'x' } },
        'string into Go struct field TimeoutToxic.attributes.timeout of type int64',
      ],
      [
        { type: 'limit_data', attributes: { bytes: 'x' } },
        'string into Go struct field LimitDataToxic.attributes.bytes of type int64',
      ],
    ])('refuses the types in the toxic %j', async (body, why) => {
      await expectRow(['POST', '/proxies/base/toxics', body, 400, unmarshal(why)]);
    });

    test.each<[unknown, string]>([
      [{ toxicity: 'x' }, 'string into Go struct field .toxicity of type float32'],
      [{ attributes: 5 }, 'number into Go struct field .attributes of type toxics.LatencyToxic'],
      [
        { attributes: { jitter: 'x' } },
        'string into Go struct field LatencyToxic.attributes.jitter of type int64',
      ],
      [
        [],
        'array into Go value of type struct { Attributes interface {} "json:\\"attributes\\""; Toxicity float32 "json:\\"toxicity\\"" }',
      ],
    ])('refuses to change a toxic by %j', async (body, why) => {
      await ask('POST', '/proxies/base/toxics', { type: 'latency', name: 'kept' });
      await expectRow(['PATCH', '/proxies/base/toxics/kept', body, 400, unmarshal(why)]);
      const { text } = await ask('GET', '/proxies/base/toxics/kept');
      expect(text).toBe(toxicText('kept', '{"latency":0,"jitter":0}'));
    });

    test.each<[string, string]>([
      ['0.123456789', '0.12345679'],
      ['1e-7', '1e-7'],
      ['0.000001', '0.000001'],
      ['1e22', '1e+22'],
      ['123456789', '123456790'],
      ['-3', '-3'],
      ['null', '1'],
    ])('writes toxicity %s as %s', async (given, written) => {
      const at = '/proxies/base/toxics';
      const { text } = await ask('POST', at, `{"type":"latency","name":"t","toxicity":${given}}`);
      await ask('DELETE', `${at}/t`);
      expect(text).toBe(toxicText('t', '{"latency":0,"jitter":0}', 'downstream', written));
    });

    test('escapes in its answers what Go escapes', async () => {
      const name = 'a<b>&é\u2028\u0001\b';
      const { text } = await ask('POST', '/proxies', { ...proxy(name), enabled: false });
      expect(text).toContain('"name":"a\\u003cb\\u003e\\u0026é\\u2028\\u0001\\b"');
      expect((await ask('DELETE', `/proxies/${encodeURIComponent(name)}`)).status).toBe(204);
    });

    test('populates', async () => {
      const one = { ...proxy('one'), listen: '127.0.0.1:0' };
      const populated = (texts: string[]) => `{"proxies":[${texts.join(',')}]}`;
      const failed = (status: number, error: string, proxies = 'null') =>
        `${JSON.stringify({ error, status }).slice(0, -1)},"proxies":${proxies}}`;
      const entry = 'struct { toxiproxy.Proxy; Enabled *bool "json:\\"enabled\\"" }';
      const rows: Row[] = [
        [
          'POST',
          '/populate',
          [one, { ...proxy('two'), enabled: null }],
          201,
          populated([proxyText('one'), proxyText('two')]),
        ],
        ['POST', '/populate', [], 201, '{"proxies":null}'],
        ['POST', '/populate', 'null', 201, '{"proxies":null}'],
        ['POST', '/populate', [{}], 400, failed(400, 'missing required field: name at proxy 1')],
        [
          'POST',
          '/populate',
          [one, { name: 'x' }],
          400,
          failed(400, 'missing required field: upstream at proxy 2'),
        ],
        ['POST', '/populate', '{', 400, failed(400, 'bad request body: unexpected EOF')],
        [
          'POST',
          '/populate',
          {},
          400,
          failed(
            400,
            `bad request body: json: cannot unmarshal object into Go value of type []${entry}`,
          ),
        ],
        [
          'POST',
          '/populate',
          [5],
          400,
          failed(
            400,
            `bad request body: json: cannot unmarshal number into Go value of type ${entry}`,
          ),
        ],
        [
          'POST',
          '/populate',
          [{ name: 5 }],
          400,
          failed(
            400,
            'bad request body: json: cannot unmarshal number into Go struct field .Proxy.name of type string',
          ),
        ],
        [
          'POST',
          '/populate',
          [{ enabled: 5 }],
          400,
          failed(
            400,
            'bad request body: json: cannot unmarshal number into Go struct field .enabled of type bool',
          ),
        ],
        [
          'POST',
          '/populate',
          [proxy('three'), { ...proxy('bad'), listen: 'foo' }, proxy('four')],
          500,
          failed(
            500,
            'listen tcp: address foo: missing port in address',
            `[${proxyText('three')}]`,
          ),
        ],
        ['GET', '/proxies/four', undefined, 404, refusal(404, 'proxy not found')],
      ];
      for (const [method, path, body, status, text] of rows) {
        if (method === 'GET') {
          await expectRow([method, path, body, status, text]);
          continue;
        }
        const answer = await ask(method, path, body);
        expect(withoutPorts(answer.text)).toBe(text);
        expect(answer.status).toBe(status);
        expect(answer.headers['content-type']).toBe(JSON_TYPE);
      }
      for (const name of ['one', 'two', 'three']) await ask('DELETE', `/proxies/${name}`);
    });

    test('populating again keeps what is the same, with its toxics, and replaces what is not', async () => {
      const { text } = await ask('POST', '/populate', [proxy('again')]);
      const [same] = (JSON.parse(text) as { proxies: [{ listen: string }] }).proxies;
      await ask('POST', '/proxies/again/toxics', { type: 'latency' });
      const kept = await ask('POST', '/populate', [{ ...proxy('again'), listen: same.listen }]);
      expect(kept.text).toContain('latency_downstream');
      const other = { ...proxy('again'), listen: same.listen, upstream: '127.0.0.1:2' };
      expect((await ask('POST', '/populate', [other])).text).toContain('"toxics":[]');
      await ask('DELETE', '/proxies/again');
    });

    test('lists the proxies by name', async () => {
      await ask('POST', '/proxies', proxy('a'));
      const { text } = await ask('GET', '/proxies?x=1');
      expect(Object.keys(JSON.parse(text) as object)).toEqual(['a', 'base']);
      expect(withoutPorts(text)).toMatch(`{"a":${proxyText('a')},`);
      await ask('DELETE', '/proxies/a');
    });

    test.each<[string, string, number]>([
      ['GET', '/', 404],
      ['GET', '/none', 404],
      ['GET', '/proxies/', 404],
      ['GET', '/proxies/base/', 404],
      ['GET', '/proxies/base/none', 404],
      ['GET', '/metrics', 404],
      ['GET', '/proxies/base/connections', 404],
      ['PUT', '/proxies', 405],
      ['HEAD', '/proxies', 405],
      ['OPTIONS', '/proxies', 405],
      ['PUT', '/proxies/base', 405],
      ['PATCH', '/proxies/base/toxics', 405],
      ['PUT', '/proxies/base/toxics/x', 405],
      ['GET', '/reset', 405],
      ['GET', '/populate', 405],
      ['POST', '/version', 405],
    ])('%s %s is %i', async (method, path, status) => {
      const answer = await ask(method, path);
      expect(answer.status).toBe(status);
      expect(answer.text).toBe(status === 404 ? '404 page not found\n' : '');
      expect(answer.headers['x-toxiproxy-request-id']).toBeUndefined();
    });

    test.each([
      ['/proxies//base', '/proxies/base'],
      ['/./proxies?x=1', '/proxies?x=1'],
      ['/proxies/base/toxics/../toxics', '/proxies/base/toxics'],
    ])('redirects %s to %s', async (path, location) => {
      const { status, headers, text } = await ask('GET', path);
      expect({ status, location: headers.location, text }).toEqual({
        status: 301,
        location,
        text: '',
      });
    });

    test('reads a slash in a name as a slash', async () => {
      expect((await ask('GET', '/proxies/base%2Ftoxics')).text).toMatch(/^\[/);
    });

    test('refuses browsers', async () => {
      const agent = { 'User-Agent': 'Mozilla/5.0 (X11)' };
      const refused = await ask('GET', '/proxies', undefined, agent);
      expect({ status: refused.status, text: refused.text }).toEqual({
        status: 403,
        text: 'User agent not allowed\n',
      });
      expect(refused.headers['content-type']).toBe(PLAIN);
      expect((await ask('GET', '/none', undefined, agent)).status).toBe(404);
    });
  });
});
