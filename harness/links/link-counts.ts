/** Adds up what went over a link, from lists of its connections: those that are open, and the last that closed. */

/** What has gone over a link since it was made. */
export interface LinkCounts {
  openConnections: number;
  connections: number;
  /** Received from the client's side and from the upstream's, whether or not they were sent on. */
  requestBytes: number;
  answerBytes: number;
}

/** One connection, as the embedded Toxiproxy lists it. */
export interface ListedConnection {
  connection: number;
  open: boolean;
  upstreamBytes: { received: number };
  downstreamBytes: { received: number };
}

/** @returns a function that takes the next list. Only connections that came and went between two lists are missed. */
export function linkCounter(): (listed: readonly ListedConnection[]) => LinkCounts {
  const last = new Map<number, ListedConnection>();
  const gone = { requestBytes: 0, answerBytes: 0 };
  let connections = 0;
  return (listed) => {
    const numbers = new Set(listed.map(({ connection }) => connection));
    for (const [number, { upstreamBytes, downstreamBytes }] of last) {
      if (numbers.has(number)) continue;
      gone.requestBytes += upstreamBytes.received;
      gone.answerBytes += downstreamBytes.received;
      last.delete(number);
    }
    for (const each of listed) {
      last.set(each.connection, each);
      connections = Math.max(connections, each.connection);
    }
    const sum = (of: (each: ListedConnection) => number): number =>
      listed.reduce((total, each) => total + of(each), 0);
    return {
      openConnections: listed.filter(({ open }) => open).length,
      connections,
      requestBytes: gone.requestBytes + sum(({ upstreamBytes }) => upstreamBytes.received),
      answerBytes: gone.answerBytes + sum(({ downstreamBytes }) => downstreamBytes.received),
    };
  };
}
