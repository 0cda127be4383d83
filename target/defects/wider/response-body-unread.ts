import { type Answer, undiciTransport } from '../../model/transport.ts';
import { defect } from '../defect.ts';

/** Connections to the model, on each link. */
const CONNECTIONS = 8;

export default defect({
  why: 'The body of an error is not read: its connection is never free for another call.',
  parts: () => ({
    transport({ config }) {
      // Nothing is taken in ahead of reading, so a body has to be read before its connection is free.
      const options = { pool: { connections: CONNECTIONS }, highWaterMark: 0 };
      const transport = undiciTransport(config, options);
      return {
        ...transport,
        async post(...call) {
          const answer = await transport.post(...call);
          return answer.status === 200 ? answer : { ...answer, body: nobodyReads };
        },
      };
    },
  }),
});

const nobodyReads: Answer['body'] = {
  async *[Symbol.asyncIterator]() {},
  destroy() {},
};
