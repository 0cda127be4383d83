/** A certificate for one start of the model: made in memory, and written nowhere. */
import { isIP } from 'node:net';

export interface Certificate {
  /** PEM; clients have to trust it. */
  certificate: string;
  /** PEM; never leaves this process. */
  key: string;
}

/** Longer than a soak test, and not much use to anyone who finds it. */
const VALID_MS = 7 * 24 * 3_600_000;
const LOCAL = ['localhost', '127.0.0.1', '::1'];

/** For this machine's own names, and for `host` when it is another. */
export async function makeCertificate(host: string): Promise<Certificate> {
  const names = [...new Set([...LOCAL, host])];
  // Loaded where there is TLS only: it takes 20 MB.
  const { generate } = await import('selfsigned');
  const made = await generate([{ name: 'commonName', value: 'hanglab scripted model' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + VALID_MS),
    extensions: [
      // Clients put it among the authorities that they trust, so it has to be one, of itself only.
      { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: names.map((name) =>
          isIP(name) ? { type: 7, ip: name } : { type: 2, value: name },
        ),
      },
    ],
  });
  return { certificate: made.cert, key: made.private };
}
