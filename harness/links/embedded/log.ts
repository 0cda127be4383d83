/** The server's log: lines of JSON, with the messages and fields of Toxiproxy's own log. */

export const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'disabled'] as const;
export type Level = (typeof LEVELS)[number];

export type Log = (
  level: Exclude<Level, 'disabled'>,
  message: string,
  fields?: Readonly<Record<string, unknown>>,
) => void;

export const noLog: Log = () => {};

/** `write` gets each line without its end. */
export function createLog(lowest: Level, write: (line: string) => void): Log {
  const from = LEVELS.indexOf(lowest);
  return (level, message, fields = {}) => {
    if (LEVELS.indexOf(level) < from) return;
    // To the second, as Toxiproxy has it.
    const time = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    write(JSON.stringify({ level, ...fields, time, ...(message === '' ? {} : { message }) }));
  };
}
