import { describe, expect, test } from 'vitest';
import { onBoth } from '../testing/both.ts';
import { documentText, eventually, statusWithin, type Target } from '../testing/target.ts';

const SOON_MS = 6000;
const DOCUMENTS = '/api/v1/knowledge/documents';

const stateOf = async (target: Target, id: string): Promise<string> =>
  (await target.request(`${DOCUMENTS}/${id}`)).body.state ?? 'gone';

const indexedSoon = (target: Target, id: string) =>
  eventually(async () => (await stateOf(target, id)) === 'indexed', SOON_MS);

const uploaded = async (target: Target, marker: string): Promise<string> =>
  (await target.upload(marker, documentText(marker))).body.id;

/** Stalls the embeddings of documents that contain this word. */
const stall = (target: Target) =>
  target.model.behave(({ link, text }) =>
    link === 'embeddings' && text.includes('stalled') ? { hold: true } : null,
  );

const embeddingStarted = (target: Target, id: string) =>
  eventually(() =>
    target.model.requests.some(({ link, subject }) => link === 'embeddings' && subject === id),
  );

describe.concurrent('background work', () => {
  test.each([
    'writer-lock-held-over-model',
    'batch-waits-for-slowest',
  ])('%s: one document whose embeddings never come holds up the others', async (defect) => {
    const result = await onBoth(defect, async (target) => {
      const old = await uploaded(target, 'old');
      const before = await indexedSoon(target, old);
      stall(target);
      await embeddingStarted(target, await uploaded(target, 'stalled'));
      const other = await indexedSoon(target, await uploaded(target, 'other'));
      const remove = (signal: AbortSignal) =>
        target.request(`${DOCUMENTS}/${old}`, { method: 'DELETE', signal });
      return { before, other, deletion: await statusWithin(remove, SOON_MS) };
    });
    expect(result.healthy).toEqual({ before: true, other: true, deletion: 204 });
    const deletion = defect === 'writer-lock-held-over-model' ? 'hangs' : 204;
    expect(result.defective).toEqual({ before: true, other: false, deletion });
  });

  test('upload-waits-for-cascade: no answer while embeddings do not come', async () => {
    const result = await onBoth('upload-waits-for-cascade', async (target) => {
      const fast = (await target.upload('fast', documentText('fast'))).status;
      stall(target);
      const text = documentText('stalled');
      const stalled = await statusWithin((signal) => target.upload('s', text, { signal }), SOON_MS);
      return { fast, stalled };
    });
    expect(result.healthy).toEqual({ fast: 201, stalled: 201 });
    expect(result.defective).toEqual({ fast: 201, stalled: 'hangs' });
  });

  test('claims-released-by-timer: two work on the same row, and both write', async () => {
    const result = await onBoth('claims-released-by-timer', async (target) => {
      target.model.behave(({ link }) => (link === 'embeddings' ? { delayMs: 700 } : null));
      const id = await uploaded(target, 'once');
      const indexed = await indexedSoon(target, id);
      target.model.behave(null);
      await eventually(() => target.model.inFlight === 0);
      const repeated = async () => {
        const { body } = await target.search('the once is kept in the archive', 100);
        const places = body.results.map((r: { topic: string; text: string }) => r.topic + r.text);
        return new Set(places).size < places.length;
      };
      return { indexed, repeated: await eventually(repeated, 1500) };
    });
    expect(result.healthy).toEqual({ indexed: true, repeated: false });
    expect(result.defective).toEqual({ indexed: true, repeated: true });
  });

  test('refusal-taken-for-good: rows stay failed when the model is back', async () => {
    const result = await onBoth('refusal-taken-for-good', async (target) => {
      target.model.behave(({ link }) => (link === 'embeddings' ? { status: 401 } : null));
      const id = await uploaded(target, 'refused');
      const rows = async () => (await target.request(`${DOCUMENTS}/${id}`)).body.rows;
      const tried = async () =>
        (await rows()).every((row: { attempts: number }) => row.attempts > 0);
      await eventually(tried);
      const [{ lastError }] = await rows();
      target.model.behave(null);
      return { indexed: await indexedSoon(target, id), lastError };
    });
    expect(result.healthy).toMatchObject({ indexed: true });
    expect(result.defective).toMatchObject({ indexed: false });
    expect(result.defective.lastError).toContain('HTTP 401');
  });

  test('delete-not-fenced: a row in flight brings the document back', async () => {
    const result = await onBoth('delete-not-fenced', async (target) => {
      target.model.behave(({ link }) => (link === 'embeddings' ? { delayMs: 700 } : null));
      const id = await uploaded(target, 'deleted');
      await embeddingStarted(target, id);
      const { status } = await target.request(`${DOCUMENTS}/${id}`, { method: 'DELETE' });
      target.model.behave(null);
      const found = async () => {
        const { body } = await target.search('the deleted is kept in the archive', 100);
        return body.results.some((r: { documentId: string }) => r.documentId === id);
      };
      const back = await eventually(found, 2000);
      return {
        status,
        back,
        listed: back ? await indexedSoon(target, id) : false,
        state: await stateOf(target, id),
      };
    });
    expect(result.healthy).toEqual({ status: 204, back: false, listed: false, state: 'gone' });
    expect(result.defective).toEqual({
      status: 204,
      back: true,
      listed: true,
      state: 'indexed',
    });
  });
});
