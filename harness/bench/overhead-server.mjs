// Answers at once, or holds its requests open and says how many.
import { createServer } from 'node:http';

let held = 0;

createServer((request, response) => {
  if (request.url === '/held') held++;
  else response.end(request.url === '/count' ? String(held) : 'ok');
}).listen(Number(process.env.PORT), '127.0.0.1');
