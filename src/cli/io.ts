import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';

/** The world as a command sees it. Commands never touch `process` or `console`. */
export interface Io {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly random: Random;
  readonly pid: number;
  /** Aborts when the user or the machine asks the program to stop. */
  readonly signal: AbortSignal;
  /** Results. With `--json` nothing else is ever written here. */
  out(text: string): void;
  /** Progress, diagnostics and hints: for people. */
  error(text: string): void;
  /** Colour on the error stream. */
  readonly colour: boolean;
  isAlive(pid: number): boolean;
}

/** Exit codes that commands give; the README lists what each means. */
export type ExitCode = number;

export const EXIT = {
  done: 0,
  recordsFailed: 1,
  usage: 2,
  guard: 3,
  key: 4,
  unreachable: 5,
  state: 6,
  somethingToRun: 10,
  bug: 70,
  interrupted: 130,
  terminated: 143,
} as const;
