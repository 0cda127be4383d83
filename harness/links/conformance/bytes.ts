/** Bytes that tell where they belong: any loss, double, swap or invention changes them. */

/** `length` bytes of which each four in a row stand nowhere else within 16 MB. */
export function tellingBytes(length: number, seed = 0): Buffer {
  const bytes = Buffer.alloc(Math.ceil(length / 4) * 4);
  for (let at = 0; at < bytes.length; at += 4) {
    bytes.writeUInt32LE((Math.imul(at / 4 + 1, 0x9e3779b1) ^ seed) >>> 0, at);
  }
  return bytes.subarray(0, length);
}
