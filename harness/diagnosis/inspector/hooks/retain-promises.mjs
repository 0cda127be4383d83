// Loaded into a Node program before it (`--import`), this keeps every promise until it is resolved.
//
// A function that awaits a promise which nothing holds any more is collected together with it, and then
// nobody can say where a request was lost. With this it stays, and a diagnosis names it. What is never
// resolved is never let go of, and each promise costs a call more: not for a server at work.
// In plain JavaScript, for it runs in the target's Node, whichever that is.
import { createHook } from 'node:async_hooks';

const pending = new Map();

createHook({
  init(asyncId, type, _trigger, promise) {
    if (type === 'PROMISE') pending.set(asyncId, promise);
  },
  promiseResolve(asyncId) {
    pending.delete(asyncId);
  },
}).enable();
