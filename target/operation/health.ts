/** Liveness: the process answers. It waits for nothing, so that it tells of nothing but the loop. */

export type Health = () => Promise<{ status: 'ok' }>;

export const touchingNothing: Health = async () => ({ status: 'ok' });
