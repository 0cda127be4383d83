import { defect } from '../defect.ts';

export default defect({
  why: 'Claims have no end: rows that were being worked on when the process died stay claimed for ever.',
  parts: (healthy) => ({
    claims: (parts) => ({ ...healthy.claims(parts), takeBackAbandoned: () => 0 }),
  }),
});
