import { noDeadlines } from '../../lanes.ts';
import { undiciTransport } from '../../model/transport.ts';
import { connectDeaf } from '../deaf-socket.ts';
import { defect } from '../defect.ts';

export default defect({
  why: 'A FIN of the model in mid-answer is neither noticed nor answered, and no deadline ends the call.',
  parts: () => ({
    deadlines: () => noDeadlines,
    transport: ({ config }) => undiciTransport(config, { pool: { connect: connectDeaf } }),
  }),
});
