/** A socket that ignores its peer's FIN: it stays in CLOSE_WAIT until something is written to it. */
import { Socket } from 'node:net';
import type { buildConnector } from 'undici';

class IgnoringEndSocket extends Socket {
  override push(chunk: unknown, encoding?: BufferEncoding): boolean {
    return chunk === null ? true : super.push(chunk, encoding);
  }
}

/** For undici's connection pools. */
export const connectIgnoringEnd: buildConnector.connector = ({ hostname, port }, callback) => {
  const socket = new IgnoringEndSocket({ allowHalfOpen: true });
  const failed = (error: Error) => callback(error, null);
  socket.once('error', failed);
  socket.connect(Number(port), hostname, () => {
    socket.off('error', failed);
    socket.setNoDelay(true);
    callback(null, socket);
  });
};
