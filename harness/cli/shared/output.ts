/** Where the CLI writes. Colours only where the stream shows them and `NO_COLOR` does not forbid. */
import { styleText } from 'node:util';
import { plainStyledText } from '../../platform/plain-text.ts';

type Style = Parameters<typeof styleText>[0];

export interface Output {
  /** For the result: standard output. */
  result(text: string): void;
  /** For everything that accompanies it: standard output too, or standard error beside `--json`. */
  line(text?: string): void;
  /** The stream of `line`. */
  readonly stream: NodeJS.WriteStream;
  paint(style: Style, text: string): string;
}

export function output({ json }: { json: boolean }): Output {
  const stream = json ? process.stderr : process.stdout;
  return {
    result: (text) => void process.stdout.write(`${text}\n`),
    // Whatever the target has had a word in: its controls must not reach the terminal.
    line: (text = '') => void stream.write(`${plainStyledText(text)}\n`),
    stream,
    paint: (style, text) => styleText(style, text, { stream, validateStream: true }),
  };
}

const VERDICT_STYLES = {
  pass: 'green',
  fail: 'red',
  inconclusive: 'yellow',
  'not-reached': 'gray',
  skipped: 'gray',
} as const;

export function paintVerdict(
  out: Output,
  verdict: keyof typeof VERDICT_STYLES,
  text?: string,
): string {
  return out.paint(VERDICT_STYLES[verdict], text ?? verdict);
}
