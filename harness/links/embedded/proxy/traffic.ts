/** Bytes that went through each proxy, by direction, as Toxiproxy's two metrics count them. */
import type { Direction } from '../pipe/pipe.ts';

export interface Traffic {
  /** Counts one direction of a connection, once it has ended. */
  count(proxy: ProxyLabels, direction: Direction, receivedBytes: number, sentBytes: number): void;
  /** In Prometheus' text format. */
  text(): string;
}

interface ProxyLabels {
  readonly name: string;
  readonly listen: string;
  readonly upstream: string;
}

export function createTraffic(): Traffic {
  const received = new Map<string, number>();
  const sent = new Map<string, number>();
  return {
    count({ name, listen, upstream }, direction, receivedBytes, sentBytes) {
      const labels = Object.entries({ direction, listener: listen, proxy: name, upstream })
        .map(([label, value]) => `${label}="${escaped(value)}"`)
        .join(',');
      received.set(labels, (received.get(labels) ?? 0) + receivedBytes);
      sent.set(labels, (sent.get(labels) ?? 0) + sentBytes);
    },
    text: () =>
      counter('toxiproxy_proxy_received_bytes_total', received) +
      counter('toxiproxy_proxy_sent_bytes_total', sent),
  };
}

const escaped = (value: string): string => value.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n');

function counter(name: string, values: ReadonlyMap<string, number>): string {
  if (values.size === 0) return '';
  const lines = [...values].sort().map(([labels, value]) => `${name}{${labels}} ${value}\n`);
  return `# HELP ${name} \n# TYPE ${name} counter\n${lines.join('')}`;
}
