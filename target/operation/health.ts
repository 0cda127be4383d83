/** Liveness: the process answers. It waits for nothing, so it measures the event loop only. */

export type Health = () => Promise<{ status: 'ok' }>;

export const touchingNothing: Health = async () => ({ status: 'ok' });
