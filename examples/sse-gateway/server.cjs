// A gateway to a chat model: it passes the stream of server-sent events on, event by event.
//
// FAULT=no-idle-deadline   a model that falls silent in mid-answer is waited for without end
// FAULT=blocking-render    each token is rendered by work that blocks the event loop
const fastify = require('fastify');

const { PORT, MODEL_URL, FAULT } = process.env;
const FIRST_BYTE_MS = 1000;
const IDLE_MS = 700;

const app = fastify();

app.get('/health', async () => ({ status: 'ok' }));

app.post('/chat', async (request, reply) => {
  reply.hijack();
  const response = reply.raw;
  const call = new AbortController();
  response.on('close', () => call.abort());
  let timer = null;
  const within = (ms) => {
    clearTimeout(timer);
    if (FAULT !== 'no-idle-deadline') timer = setTimeout(() => call.abort(), ms);
  };
  within(FIRST_BYTE_MS);
  try {
    const answer = await fetch(`${MODEL_URL}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'any',
        stream: true,
        messages: [{ role: 'user', content: request.body.prompt }],
      }),
      signal: call.signal,
    });
    if (!answer.ok) throw new Error(`the model answered ${answer.status}`);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for await (const chunk of answer.body) {
      within(IDLE_MS);
      if (FAULT === 'blocking-render') render();
      if (!response.write(chunk)) await drained(response, call.signal);
    }
    response.end();
  } catch (error) {
    if (response.destroyed) return;
    const text = JSON.stringify({
      error: call.signal.aborted ? 'the model is silent' : error.message,
    });
    if (!response.headersSent) response.writeHead(502, { 'content-type': 'application/json' });
    else response.write('event: error\ndata: ');
    response.end(response.headersSent && response.statusCode === 200 ? `${text}\n\n` : text);
  } finally {
    clearTimeout(timer);
  }
});

/** A client that reads slowly holds its own stream up, and no memory. */
function drained(response, signal) {
  return new Promise((resolve, reject) => {
    response.once('drain', resolve);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

function render() {
  const untilMs = Date.now() + 150;
  while (Date.now() < untilMs) Math.random();
}

app.listen({ host: '127.0.0.1', port: Number(PORT) });
