/**
 * What a scenario may need of a target. Each load, fault and check names its own needs; a scenario's are all
 * of them together, and `run/skip.ts` compares them with what the target offers.
 */
export const NEEDS = {
  operation: 'an operation that reads, writes or streams',
  write: 'an operation that writes',
  'sized-write': 'a write whose body can be made larger',
  'marked-write': 'a write with text in it, which the server sends on to its model',
  read: 'an operation that reads',
  delete: 'an operation that deletes what a write made',
  stream: 'an operation that answers with a stream',
  done: 'a write that says when its work is done (`done`)',
  find: 'a write that says how its work is found again (`found`)',
  held: 'a write that says how long a worker has held its work (`held`)',
  health: 'a health endpoint (`health`)',
  readiness: 'a readiness endpoint (`readiness`)',
  progress: 'a source of progress (`progress`)',
  backlog: 'a limit of the work that it accepts (`limits.backlog`)',
  restart: 'a server that hanglab may kill and start again: one with a `command`',
  stop: 'a server that hanglab may stop by a signal: one with a `command`',
  'fd-limit': 'a server whose descriptors hanglab may limit: one with a `command`',
  'temporary-folder': 'a server whose temporary folder hanglab knows: one with a `command`',
  tasks: 'a source that counts the tasks inside the process (`tasks`)',
  sqlite: 'the SQLite file that the server writes (`sqlite`)',
  chat: 'an upstream that is the scripted model and serves chat',
  embeddings: 'an upstream that is the scripted model and serves embeddings',
  upstream: 'an upstream',
  'http-upstream': 'an upstream that speaks HTTP (`http: true`)',
  bystander: 'an operation that does not use the upstream with the fault',
} as const;

export type Need = keyof typeof NEEDS;
