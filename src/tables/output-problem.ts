import type { Result } from '../base/result.ts';
import type { SqlFailure } from '../duckdb/failure.ts';

/**
 * The disk or DuckDB could not do what writing tables needs: the disk is full, a folder cannot be
 * written. Thrown inside of `tables/` and turned into a value before it leaves.
 */
export class OutputProblem extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'OutputProblem';
  }
}

/** The value, or an {@link OutputProblem} with DuckDB's words. */
export function sqlValue<T>(result: Result<T, SqlFailure>): T {
  if (result.ok) return result.value;
  throw new OutputProblem(result.error.message);
}

/** What a person should read of an error that is not our bug; undefined where it is one. */
export function problemMessage(error: unknown): string | undefined {
  if (!(error instanceof OutputProblem) && !isSystemError(error)) return undefined;
  // DuckDB wraps it in words about its own checkpoints, from which nobody would guess it.
  return NO_ROOM.test(error.message) ? 'there is no room left on the disk' : error.message;
}

const NO_ROOM = /\bENOSPC\b|no space left on device/iu;

const isSystemError = (error: unknown): error is Error =>
  error instanceof Error && 'syscall' in error && 'code' in error;
