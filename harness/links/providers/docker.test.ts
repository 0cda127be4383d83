/** A real Toxiproxy in a container, where there is an engine. */
import { expect, test } from 'vitest';
import { openEngine } from '../../platform/docker-engine.ts';
import { dial, listenAsUpstream } from '../conformance/peer.ts';
import { startToxiproxy } from '../toxiproxy.ts';

const hasEngine = await openEngine().then(
  () => true,
  () => false,
);

test.skipIf(!hasEngine)(
  hasEngine ? 'the docker provider carries a link' : 'skipped: no Docker engine',
  { timeout: 120_000 },
  async () => {
    await using upstream = await listenAsUpstream();
    await using toxiproxy = await startToxiproxy({ provider: 'docker', seed: 1 });
    expect(toxiproxy).toMatchObject({ provider: 'docker', version: '2.12.0' });
    expect(toxiproxy.containerId).toMatch(/^[0-9a-f]{64}$/);
    const link = await toxiproxy.link({ name: 'front', upstream: upstream.address });
    await using _toxic = await link.toxic({ type: 'limit_data', attributes: { bytes: 3 } });
    using client = await dial(`${link.host}:${link.port}`);
    (await upstream.next()).send('12345');
    await client.ended;
    expect(client.received.toString()).toBe('123');
  },
);

test.skipIf(hasEngine)('without an engine the docker provider says so', async () => {
  await expect(startToxiproxy({ provider: 'docker', seed: 1 })).rejects.toMatchObject({
    code: 'no-docker-engine',
    exitCode: 4,
    message: expect.stringMatching(/^no Docker engine answers: .*embedded/),
  });
});
