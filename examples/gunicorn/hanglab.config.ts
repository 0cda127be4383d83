/** gunicorn's threaded worker in four released versions, each installed once. */
import { defineConfig } from 'hanglab';

const version = (number: string, why: string) => ({
  why,
  setup: `python3 -m venv . && ./bin/pip install --quiet gunicorn==${number}`,
});

export default defineConfig({
  name: 'gunicorn',
  server: {
    setup: 'python3 -m venv . && ./bin/pip install --quiet gunicorn==25.2.0',
    command:
      '${setup}/bin/gunicorn --worker-class gthread --threads 4 --bind 127.0.0.1:${port} app:app',
    // Newer versions put a control socket where they run.
    cwd: '${tmp}',
    env: { PYTHONPATH: import.meta.dirname },
  },
  health: '/',
  limits: { request: '4s', health: '1s' },
  // A kept connection would free a place when it times out, and so hide that the others are lost.
  operations: { hello: { get: '/', headers: { connection: 'close' } } },
  variants: {
    '23.0.0': version(
      '23.0.0',
      'Silent clients wait in the poller; ones that leave are not counted back.',
    ),
    '24.1.1': version('24.1.1', 'Connections go straight to the thread pool.'),
    '25.1.0': version('25.1.0', 'As 24: a silent client holds its thread for as long as it stays.'),
    '25.2.0': version('25.2.0', 'A silent client holds its thread for 5 s at most.'),
  },
  scenarios: {
    include: ['silent-clients', 'clients-leave'],
    files: ['scenarios/silent-clients.ts', 'scenarios/clients-leave.ts'],
    settings: { 'clients-leave': { args: ['--threads', '2', '--worker-connections', '4'] } },
  },
});
