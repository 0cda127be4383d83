/** `--upstream name=host:port[=VARIABLE]`: a service that the server calls, and the variable with its address. */
import { quoted } from '../../target/config/source-text.ts';

export interface GivenUpstream {
  name: string;
  /** `host:port` */
  at: string;
  /** The variable that holds its address; null: whichever does. */
  variable: string | null;
}

const RESERVED = ['llm', 'front', 'target', 'port', 'tmp'];

export function parseUpstream(text: string, report: (problem: string) => void): GivenUpstream[] {
  const [, name = '', at = '', variable = null] =
    /^([\w-]{1,40})=((?:\[[\da-fA-F:]+\]|[^:/\s=]+):\d{1,5})(?:=(\w+))?$/.exec(text) ?? [];
  if (name === '') {
    report(`--upstream ${text}: expected name=host:port, like redis=127.0.0.1:6379=REDIS_URL`);
    return [];
  }
  if (RESERVED.includes(name)) {
    report(`--upstream ${text}: the name "${name}" is taken by hanglab itself`);
    return [];
  }
  return [{ name, at, variable }];
}

/** A variable that leads to an upstream, with the link in place of its address. */
export interface LinkedVariable {
  variable: string;
  /** `redis://${redis}/0` */
  value: string;
  /** The address that stood there, which is written as `to`; null where the variable was not set. */
  from: string | null;
  to: string;
}

/**
 * The variables that hold the address of an upstream: a URL keeps all the rest of it. One that was named and is
 * not set gets host and port, with a scheme where its name asks for a URL.
 */
export function overLinks(
  upstreams: readonly GivenUpstream[],
  environment: Readonly<Record<string, string | undefined>>,
): LinkedVariable[] {
  return upstreams.flatMap(({ name, at, variable }) => {
    const to = `\${${name}}`;
    const spellings = [
      at,
      at.replace('127.0.0.1', 'localhost'),
      at.replace('localhost', '127.0.0.1'),
    ];
    const names = variable === null ? Object.keys(environment) : [variable];
    return names.flatMap((each): LinkedVariable[] => {
      const before = environment[each] ?? '';
      const from = spellings.find((address) => holds(before, address)) ?? null;
      if (from !== null)
        return [{ variable: each, value: before.replace(from, () => to), from, to }];
      return variable === null ? [] : [{ variable, value: schemeFor(variable, at) + to, from, to }];
    });
  });
}

const SCHEMES: Readonly<Record<string, string>> = {
  3306: 'mysql',
  5432: 'postgresql',
  5672: 'amqp',
  6379: 'redis',
  27017: 'mongodb',
};

function schemeFor(variable: string, at: string): string {
  if (!/(^|_)(URL|URI|ENDPOINT|ORIGIN|BASE)$/i.test(variable)) return '';
  const port = at.slice(at.lastIndexOf(':') + 1);
  return `${SCHEMES[port] ?? 'http'}://`;
}

/** The variable with its address replaced, in TypeScript: the rest of it may be secret. */
export function replacedText(variable: string, from: string, to: string): string {
  return `process.env.${variable}?.replace(${quoted(from)}, ${quoted(to)}) ?? null`;
}

/** Whether `value` has the address, and not as a part of a longer one. */
function holds(value: string, address: string): boolean {
  const at = value.indexOf(address);
  if (at < 0) return false;
  const isPart = (sign: string | undefined): boolean => sign !== undefined && /[\w.-]/.test(sign);
  return !isPart(value[at - 1]) && !/\d/.test(value[at + address.length] ?? '');
}
