// Answers at once or after a millisecond of work, or holds its requests open; and says how many of each.
import { createServer } from 'node:http';

const counts = { held: 0, answered: 0 };
const answer = (response) => {
  counts.answered++;
  response.end('ok');
};
const ROUTES = {
  '/held': () => counts.held++,
  '/counts': (response) => response.end(JSON.stringify(counts)),
  '/worked': (response) => {
    const untilMs = performance.now() + 1;
    while (performance.now() < untilMs) Math.random();
    answer(response);
  },
};

createServer((request, response) => (ROUTES[request.url] ?? answer)(response)).listen(
  Number(process.env.PORT),
  '127.0.0.1',
);
