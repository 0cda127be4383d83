/** The default port of `hanglab links`; its links listen on the ports after it. */
export const DEFAULT_LINKS_PORT = 9300;
