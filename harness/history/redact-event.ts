/**
 * The texts of an event as they may be kept: what the target, its log or the system wrote, without secrets.
 * Here, at the door of the history, so that no report has to remember it.
 */
import { redact } from '../platform/redact.ts';
import type { HistoryEvent } from './events.ts';

export function redactEvent(event: HistoryEvent): HistoryEvent {
  switch (event.kind) {
    case 'request-end':
    case 'audit':
      return event.detail === null ? event : { ...event, detail: redact(event.detail) };
    case 'target-exit':
      return { ...event, lines: event.lines.map(redact) };
    case 'ready':
      return event.reasons.length === 0 ? event : { ...event, reasons: event.reasons.map(redact) };
    case 'harness-trouble':
      return { ...event, message: redact(event.message) };
    case 'note':
      return { ...event, text: redact(event.text) };
    case 'resources': {
      const fdsByPath = Object.entries(event.fdsByPath).map(([path, n]) => [redact(path), n]);
      return { ...event, fdsByPath: Object.fromEntries(fdsByPath) };
    }
    default:
      return event;
  }
}
