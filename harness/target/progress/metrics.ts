/** Progress by Prometheus metrics, in its text format. A selector that fits several series means their sum. */
import type { MetricsProgressConfig } from '../config/config.ts';
import { type ProgressSource, progressOf, textAt } from './source.ts';

export function metricsProgress(config: MetricsProgressConfig): ProgressSource {
  return {
    name: `metrics at ${config.metrics}`,
    async read(target, signal) {
      const text = await textAt(target, config.metrics, config.headers ?? {}, signal);
      if (text === null) return null;
      const samples = parseSamples(text);
      return progressOf(config, (selector) => sumOf(samples, selector));
    },
  };
}

interface Sample {
  name: string;
  labels: ReadonlyMap<string, string>;
  value: number;
}

/** `name`, or `name{label="value",…}`. */
const SELECTOR = /^([a-zA-Z_:][\w:]*)\s*(?:\{(.*)\})?$/s;
const LABEL = /([a-zA-Z_]\w*)\s*=\s*"((?:\\.|[^"\\])*)"\s*(?:,|$)\s*/gy;
/** A sample: its name, its labels, its value, and a timestamp that is of no interest. */
const SAMPLE = /^([a-zA-Z_:][\w:]*)\s*(?:\{((?:[^"}]|"(?:\\.|[^"\\])*")*)\})?\s+(\S+)/;

/** What is wrong with a selector; null when it is one. */
export function selectorProblem(text: string): string | null {
  const [, , inside = ''] = SELECTOR.exec(text) ?? [null, null, '='];
  if (parseLabels(inside) !== null) return null;
  return `"${text}" is no metric: expected a name, or a name with labels like jobs{state="open"}`;
}

function sumOf(samples: readonly Sample[], selector: string): number | null {
  const [, name = '', inside = ''] = SELECTOR.exec(selector) ?? [];
  const wanted = parseLabels(inside) ?? new Map<string, string>();
  const fitting = samples.filter(
    (sample) =>
      sample.name === name && [...wanted].every(([key, value]) => sample.labels.get(key) === value),
  );
  if (fitting.length === 0) return null;
  return fitting.reduce((sum, { value }) => sum + value, 0);
}

function parseSamples(text: string): Sample[] {
  return text.split('\n').flatMap((line) => {
    const [, name, inside = '', value] = SAMPLE.exec(line) ?? [];
    const labels = parseLabels(inside);
    if (name === undefined || labels === null) return [];
    return [{ name, labels, value: Number(value) }];
  });
}

/** null when there is more than labels. */
function parseLabels(inside: string): Map<string, string> | null {
  const text = inside.trim();
  const found = [...text.matchAll(LABEL)];
  const length = found.reduce((sum, [whole]) => sum + whole.length, 0);
  if (length !== text.length) return null;
  return new Map(found.map(([, key = '', value = '']) => [key, unescaped(value)]));
}

function unescaped(value: string): string {
  return value.replaceAll(/\\(.)/g, (_, sign: string) => (sign === 'n' ? '\n' : sign));
}
