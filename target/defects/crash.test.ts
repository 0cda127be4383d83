import { describe, expect, test } from 'vitest';
import { onBoth, onBothProcesses } from '../testing/both.ts';
import { documentText, eventually } from '../testing/target.ts';

const DOCUMENTS = '/api/v1/knowledge/documents';

describe('kill -9', () => {
  test('acknowledged-before-durable: what was acknowledged last is not there', async () => {
    const result = await onBothProcesses('acknowledged-before-durable', async (target) => {
      const { status, body } = await target.upload('A', documentText('a'));
      await target.restart();
      return { status, after: (await target.request(`${DOCUMENTS}/${body.id}`)).status };
    });
    expect(result.healthy).toEqual({ status: 201, after: 200 });
    expect(result.defective).toEqual({ status: 201, after: 404 });
  });

  test('acknowledged-before-durable: without a crash all is well', async () => {
    const result = await onBoth('acknowledged-before-durable', async (target) => {
      await target.upload('A', documentText('a'));
      return eventually(async () => (await target.counts()).documents.indexed === 1);
    });
    expect(result).toEqual({ healthy: true, defective: true });
  });

  test('claims-never-expire: rows stay claimed by a process that is dead', async () => {
    const result = await onBothProcesses('claims-never-expire', async (target) => {
      target.model.behave(({ link }) => (link === 'embeddings' ? { hold: true } : null));
      await target.upload('A', documentText('a'));
      await eventually(async () => (await target.counts()).rows.processing === 3);
      await target.restart();
      target.model.behave(null);
      const indexed = await eventually(
        async () => (await target.counts()).rows.indexed === 3,
        4000,
      );
      const { reasons } = (await target.request('/ready')).body;
      return { indexed, stale: JSON.stringify(reasons).includes('claims') };
    });
    expect(result.healthy).toEqual({ indexed: true, stale: false });
    expect(result.defective).toEqual({ indexed: false, stale: true });
  });
});
