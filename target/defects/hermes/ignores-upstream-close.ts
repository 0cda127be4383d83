import { noDeadlines } from '../../lanes.ts';
import { undiciTransport } from '../../model/transport.ts';
import { defect } from '../defect.ts';
import { connectIgnoringEnd } from '../ignoring-end.ts';

export default defect({
  why: 'A FIN from the model in mid-answer is ignored, and no deadline ends the call.',
  parts: () => ({
    deadlines: () => noDeadlines,
    transport: ({ config }) => undiciTransport(config, { pool: { connect: connectIgnoringEnd } }),
  }),
});
