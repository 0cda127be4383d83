import { defect } from '../defect.ts';

export default defect({
  why: 'DELETE looks in the index only: rows that are not there yet bring the document back after its 204.',
  parts: (healthy) => ({
    deletion(parts) {
      const { documents, writer, database, markdown } = parts;
      const deleteIndexed = database.sql.prepare(
        `DELETE FROM rows WHERE documentId = ? AND state = 'indexed'`,
      );
      const deleteDocument = database.sql.prepare(
        `DELETE FROM documents WHERE id = ?
         AND NOT EXISTS (SELECT 1 FROM rows WHERE documentId = documents.id)`,
      );
      return {
        ...healthy.deletion(parts),
        async remove(id) {
          if (documents.get(id) === null) return false;
          await writer.removeDocument(id);
          deleteIndexed.run(id);
          if (deleteDocument.run(id).changes > 0) await markdown.remove(id);
          return true;
        },
      };
    },
  }),
});
