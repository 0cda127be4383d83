import type { Documents, NewDocument } from '../../documents/documents.ts';
import { defect } from '../defect.ts';

const WRITE_EVERY_MS = 500;

interface BufferedDocuments extends Documents {
  /** Writes what is waiting. */
  flush(): Promise<void>;
}

export default defect({
  why: 'An upload is acknowledged first, and written to disk up to half a second later.',
  parts: (healthy) => ({
    documents: (parts) => buffered(healthy.documents(parts)),
    deletion(parts) {
      const deletion = healthy.deletion(parts);
      return {
        ...deletion,
        async remove(id) {
          await (parts.documents as BufferedDocuments).flush();
          return deletion.remove(id);
        },
      };
    },
    cascade(parts) {
      const cascade = healthy.cascade(parts);
      return {
        ...cascade,
        async stop(patienceMs) {
          await (parts.documents as BufferedDocuments).flush();
          await cascade.stop(patienceMs);
        },
      };
    },
  }),
});

function buffered(documents: Documents): BufferedDocuments {
  const waiting: NewDocument[] = [];
  let timer: NodeJS.Timeout | undefined;
  const flush = async () => {
    clearTimeout(timer);
    timer = undefined;
    await Promise.all(waiting.splice(0).map((document) => documents.add(document)));
  };
  return {
    ...documents,
    async add(document) {
      waiting.push(document);
      timer ??= setTimeout(flush, WRITE_EVERY_MS);
    },
    flush,
  };
}
