/** All tasks. The end of each is recorded, and published as an event. */
import type { Broadcast } from '../events/broadcast.ts';
import { overloaded, Refusal } from '../refusal.ts';
import { newId } from '../sessions/entries.ts';
import type { Dispatcher } from './dispatcher.ts';
import { CANCELLED, type WatchTask } from './ending.ts';
import type { Handlers } from './handlers.ts';
import { hasEnded, type Task, type TaskInput } from './task.ts';

export interface Tasks {
  /** @throws Refusal 503 when too many are unfinished */
  submit(input: TaskInput): Task;
  get(id: string): Task | null;
  /** Newest first. */
  list(): Task[];
  /** Resolves with the task as it ended; null when there is none. */
  cancel(id: string): Promise<Task | null>;
  /** Unfinished ones, and the age of the oldest in milliseconds (0 without any). */
  open(): { count: number; oldestMs: number };
  /** Cancels all tasks: the server is shutting down. */
  stop(): void;
}

export interface TasksParts {
  dispatcher: Dispatcher;
  handlers: Handlers;
  watch: WatchTask;
  broadcast: Broadcast;
  /** Unfinished tasks; beyond, new ones are refused. */
  limit: number;
}

/** Ended tasks that can still be read. */
const KEPT = 1000;

interface Running {
  task: Task;
  cancel: AbortController;
  ended: PromiseWithResolvers<void>;
}

export function tasksOf(parts: TasksParts): Tasks {
  const { dispatcher, handlers, watch, broadcast, limit } = parts;
  // A map keeps insertion order: its first entry is the oldest.
  const all = new Map<string, Running>();
  const running = new Set<Running>();
  let stopped = false;

  const publish = (task: Task) => {
    const { id: taskId, sessionId, kind, state, error } = task;
    const detail = error ? { error } : {};
    return broadcast.emit({ type: 'task', taskId, sessionId, kind, state, ...detail });
  };

  const start = (one: Running) =>
    dispatcher.run(
      one.task.sessionId,
      async (scope) => {
        one.task.state = 'running';
        await publish(one.task);
        return await handlers[one.task.kind](one.task, scope);
      },
      one.cancel.signal,
    );

  const forgetOld = () => {
    for (const [id, { task }] of all) {
      if (all.size <= KEPT) return;
      if (hasEnded(task)) all.delete(id);
    }
  };

  const cancelOne = ({ cancel }: Running, message: string) =>
    cancel.abort(new Refusal(409, CANCELLED, message));

  return {
    submit(input) {
      if (stopped) throw overloaded('shutting-down', 'the server is shutting down');
      if (running.size >= limit) {
        throw overloaded('too-many-tasks', `${running.size} tasks are already unfinished`);
      }
      const task: Task = {
        ...input,
        id: newId('k'),
        state: 'queued',
        createdAt: new Date().toISOString(),
        endedAt: null,
        result: null,
        error: null,
      };
      const one = { task, cancel: new AbortController(), ended: Promise.withResolvers<void>() };
      all.set(task.id, one);
      running.add(one);
      void publish(task);
      watch(task, start(one), (how) => {
        Object.assign(task, how, { endedAt: new Date().toISOString() });
        running.delete(one);
        one.ended.resolve();
        void publish(task);
        forgetOld();
      });
      return task;
    },
    get: (id) => all.get(id)?.task ?? null,
    list: () => [...all.values()].map(({ task }) => task).reverse(),
    async cancel(id) {
      const one = all.get(id);
      if (!one) return null;
      cancelOne(one, 'the task was cancelled');
      await one.ended.promise;
      return one.task;
    },
    open() {
      const oldest = running.values().next().value;
      const oldestMs = oldest ? Date.now() - Date.parse(oldest.task.createdAt) : 0;
      return { count: running.size, oldestMs };
    },
    stop() {
      stopped = true;
      for (const one of running) cancelOne(one, 'the server is shutting down');
    },
  };
}
