/** A socket that takes no notice of its peer's end: it stays in CLOSE_WAIT until somebody writes to it. */
import { Socket } from 'node:net';
import type { buildConnector } from 'undici';

class DeafSocket extends Socket {
  override push(chunk: unknown, encoding?: BufferEncoding): boolean {
    return chunk === null ? true : super.push(chunk, encoding);
  }
}

/** For connection pools of undici. */
export const connectDeaf: buildConnector.connector = ({ hostname, port }, callback) => {
  const socket = new DeafSocket({ allowHalfOpen: true });
  const failed = (error: Error) => callback(error, null);
  socket.once('error', failed);
  socket.connect(Number(port), hostname, () => {
    socket.off('error', failed);
    socket.setNoDelay(true);
    callback(null, socket);
  });
};
