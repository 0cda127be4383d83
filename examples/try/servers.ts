/** Servers that ship their own start command, and have no config: `hanglab try -- COMMAND` is all there is to say. */

export interface TriedServer {
  name: string;
  /** Installs it, with an exact version, and what it serves, into an empty folder; run there. */
  setup: string;
  /** Run in that folder. */
  command: readonly string[];
}

export const SERVERS: readonly TriedServer[] = [
  {
    name: 'http-server 14.1.1',
    setup:
      'npm install --silent --no-audit --no-fund --prefix . http-server@14.1.1 && echo hello > index.html',
    command: ['node_modules/.bin/http-server', '.', '-a', '127.0.0.1', '-p', '${port}', '-s'],
  },
  {
    name: 'json-server 0.17.4',
    setup:
      'npm install --silent --no-audit --no-fund --prefix . json-server@0.17.4 && echo \'{"posts":[{"id":1}]}\' > db.json',
    command: [
      'node_modules/.bin/json-server',
      '--host',
      '127.0.0.1',
      '--port',
      '${port}',
      'db.json',
    ],
  },
  {
    name: 'datasette 0.65.5',
    setup:
      "python3 -m venv . && ./bin/pip install --quiet datasette==0.65.5 && ./bin/python -c \"import sqlite3; sqlite3.connect('d.db').execute('create table t (a)')\"",
    command: ['bin/datasette', 'serve', 'd.db', '--port', '${port}'],
  },
];
