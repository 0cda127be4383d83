import { type Answer, undiciTransport } from '../../model/transport.ts';
import { defect } from '../defect.ts';

/** Connections to the model, per link. */
const CONNECTIONS = 8;

export default defect({
  why: 'The body of an error response is not read, so its connection is never free again.',
  parts: () => ({
    transport({ config }) {
      // Nothing is buffered ahead of reading, so an unread body keeps its connection busy.
      const options = { pool: { connections: CONNECTIONS }, highWaterMark: 0 };
      const transport = undiciTransport(config, options);
      return {
        ...transport,
        async post(...call) {
          const answer = await transport.post(...call);
          return answer.status === 200 ? answer : { ...answer, body: unread };
        },
      };
    },
  }),
});

const unread: Answer['body'] = {
  async *[Symbol.asyncIterator]() {},
  destroy() {},
};
