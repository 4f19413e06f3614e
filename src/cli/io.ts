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
  /**
   * Calls `listener` at every request to stop, until what it gives back is called. Whoever listens
   * ends its command by itself; while nobody does, a request ends the process.
   */
  onStopRequest(listener: (request: StopRequest) => void): () => void;
  /** Results. With `--json` nothing else is ever written here. */
  out(text: string): void;
  /** Progress, diagnostics and hints: for people. */
  error(text: string): void;
  /** Colour on the error stream. */
  readonly colour: boolean;
}

/** How a program is asked to stop. */
export type StopRequest =
  | 'ctrl-c'
  /** By SIGTERM or SIGHUP. */
  | 'terminate'
  /** The `npm run` or `npx` that started us is gone, without a word. */
  | 'parent-gone';

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
