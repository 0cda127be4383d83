/** Values of options, each checked by itself. What is wrong goes to `report`. */
import { type Duration, toMs } from '../../platform/duration.ts';
import { messageOf } from '../../platform/errors.ts';
import { readStat } from '../../platform/procfs/process.ts';
import { processListeningOn } from '../../platform/procfs/sockets.ts';

export type Report = (problem: string) => void;

/** A port or a process, `8000` or `pid:1234`. */
export function attachOf(text: string, report: Report): { port: number } | { pid: number } {
  const [, kind = '', digits = ''] = /^(port:|pid:|:)?(\d+)$/.exec(text) ?? [];
  const number = Number(digits);
  const isPort = number >= 1 && number <= 65_535;
  if (digits === '' || number < 1 || ((kind === 'port:' || kind === ':') && !isPort)) {
    report(`--attach ${text}: expected a port or a process, like 8000 or pid:1234`);
    return { port: 1 };
  }
  if (kind === 'pid:') return { pid: number };
  // The same number may be both: the port is meant when something listens on it.
  if (isPort && (kind !== '' || processListeningOn(number) !== null)) return { port: number };
  if (readStat(number) !== null) return { pid: number };
  report(`--attach ${text}: nothing listens on port ${text}, and there is no process ${text}`);
  return { port: 1 };
}

/** `name=value`, or what `sign` is in place of the equals sign. */
export function pairOf(flag: string, text: string, sign: string, report: Report): [string, string] {
  const at = text.indexOf(sign);
  const name = text.slice(0, Math.max(0, at)).trim();
  if (/^[\w-]+$/.test(name))
    return [name, text.slice(at + 1).replace(sign === ':' ? /^\s+/ : '', '')];
  report(`${flag} ${text.slice(0, 40)}: expected name${sign}value`);
  return ['', ''];
}

/** The text as given, to be written into a config; null when not given. */
export function durationGiven(
  flag: string,
  text: string | undefined,
  report: Report,
): Duration | null {
  if (text === undefined) return null;
  durationOf(text, (problem) => report(`${flag}: ${problem}`));
  return text as Duration;
}

/** Milliseconds; 0 for what is no duration. */
export function durationOf(text: string, report: Report = () => {}): number {
  try {
    return toMs(text);
  } catch (error) {
    report(messageOf(error));
    return 0;
  }
}

/** What the action gives, in a list; an empty one when it throws. */
export function attempt<T>(action: () => T, report: Report): T[] {
  try {
    return [action()];
  } catch (error) {
    report(messageOf(error));
    return [];
  }
}
