// A small server with a backlog: POST accepts a job, POST /work does one, POST /drop gives one up. It tells how
// many there are in every way that a server may tell it. `journal` is the journal mode of its SQLite file.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { DatabaseSync } from 'node:sqlite';

const { PORT, DATA, JOURNAL = 'delete' } = process.env;
const states = [];
for (const folder of ['open', 'done', 'dropped']) mkdirSync(`${DATA}/${folder}`);
const database = new DatabaseSync(`${DATA}/jobs.db`);
database.exec(`PRAGMA journal_mode = ${JOURNAL}; CREATE TABLE jobs (id INTEGER, state TEXT)`);

function accept() {
  const id = states.push('open') - 1;
  database.prepare('INSERT INTO jobs VALUES (?, ?)').run(id, 'open');
  writeFileSync(`${DATA}/open/${id}.json`, '{}');
  process.stdout.write(`job ${id} accepted\n`);
}

function move(to, word) {
  const id = states.indexOf('open');
  states[id] = to;
  database.prepare('UPDATE jobs SET state = ? WHERE id = ?').run(to, id);
  renameSync(`${DATA}/open/${id}.json`, `${DATA}/${to}/${id}.json`);
  process.stdout.write(`job ${id} ${word}\n`);
}

const count = (state) => states.filter((each) => each === state).length;

const ROUTES = {
  '/': accept,
  '/work': () => move('done', 'finished'),
  '/drop': () => move('dropped', 'given up: ééé'),
  '/lock': () => database.exec("BEGIN EXCLUSIVE; INSERT INTO jobs VALUES (99, 'open')"),
  '/unlock': () => database.exec('COMMIT'),
};

createServer((request, response) => {
  if (request.method === 'POST') ROUTES[request.url]();
  else if (request.url === '/metrics') {
    response.write('# HELP jobs How many.\n# TYPE jobs gauge\n');
    response.write(`jobs{state="open",queue="a,b}"} ${count('open')}\n`);
    response.write(
      `jobs{state="done",queue="a"} ${count('done')} 1700000000000\njobs{state="done",queue="b"} 0.0\n`,
    );
    response.write(`dropped_total ${count('dropped')}\n`);
  } else {
    const [open, done, dropped] = ['open', 'done', 'dropped'].map(count);
    response.write(JSON.stringify({ open, done, dropped }));
  }
  response.end();
}).listen(PORT, '127.0.0.1');
