/** Where `hanglab links` listens unless told otherwise; its links listen on the ports after it. */
export const DEFAULT_LINKS_PORT = 9300;
