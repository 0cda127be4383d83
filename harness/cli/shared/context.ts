/** What each command gets, and how it says what became of it. */
import type { ExitCode } from '../../platform/errors.ts';
import type { Interrupts } from './interrupts.ts';

export interface CommandContext {
  interrupts: Interrupts;
  exitWith(code: ExitCode): void;
}
