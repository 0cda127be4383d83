import { entriesOf, textsOf } from '../../cascade/indexer.ts';
import { endlessPatience } from '../../lanes.ts';
import { permits } from '../../permits.ts';
import { defect } from '../defect.ts';

const never = new AbortController().signal;

export default defect({
  why: "The table's writer lock is kept while one document's embeddings are awaited, without a limit.",
  parts: (healthy) => {
    const lock = permits(1);
    return {
      deadlines: (parts) => ({ ...healthy.deadlines(parts), background: endlessPatience }),
      indexer:
        ({ model, backgroundLane, writer }) =>
        async (claim, scope) => {
          const call = { lane: backgroundLane, scope };
          const texts = await textsOf(claim, model, call);
          using _writing = await lock.acquire(scope.signal);
          const vectors = await model.embed(texts, claim.documentId, call);
          await writer.upsert(claim, entriesOf(claim, texts, vectors), scope.signal);
        },
      deletion(parts) {
        const deletion = healthy.deletion(parts);
        return {
          ...deletion,
          async remove(id) {
            using _writing = await lock.acquire(never);
            return await deletion.remove(id);
          },
        };
      },
    };
  },
});
