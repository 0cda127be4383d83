/** One event of Chrome's JSON trace format, as ui.perfetto.dev reads it. `docs/report.md` has the mapping. */
export interface TraceEvent {
  name: string;
  cat?: string;
  /** b, n, e: asynchronous; X: a slice; i: an instant; C: a counter; M: metadata. */
  ph: 'b' | 'n' | 'e' | 'X' | 'i' | 'C' | 'M';
  /** Microseconds since the run began. */
  ts: number;
  dur?: number;
  pid: number;
  tid?: number;
  id?: string;
  /** A flow from the event that has `flow_out` to those with the same id and `flow_in`. */
  bind_id?: string;
  flow_out?: true;
  flow_in?: true;
  /** Of an instant: global, of its process, of its thread. */
  s?: 'g' | 'p' | 't';
  args?: Record<string, unknown>;
}

/** The processes of the trace, in the order in which they are shown. */
export const PID = {
  clients: 1,
  upstream: 2,
  faults: 3,
  verdicts: 4,
  process: 5,
  machine: 6,
} as const;

export const PROCESS_NAMES: Readonly<Record<keyof typeof PID, string>> = {
  clients: 'clients',
  upstream: 'upstream calls',
  faults: 'faults',
  verdicts: 'phases and verdicts',
  process: 'target process',
  machine: 'machine',
};

export const microseconds = (ms: number): number => Math.round(ms * 1000);

export function metadata(): TraceEvent[] {
  return Object.entries(PROCESS_NAMES).flatMap(([key, name], i) => {
    const base = { ph: 'M' as const, ts: 0, pid: PID[key as keyof typeof PID] };
    return [
      { ...base, name: 'process_name', args: { name } },
      { ...base, name: 'process_sort_index', args: { sort_index: i } },
    ];
  });
}

export function threadName(pid: number, tid: number, name: string): TraceEvent {
  return { name: 'thread_name', ph: 'M', ts: 0, pid, tid, args: { name } };
}
