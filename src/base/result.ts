/**
 * The outcome of work that can fail for a reason somebody outside the program can mend.
 *
 * Bugs are not `Result`s: they are thrown, and caught once per task and once at the command line.
 */
export type Result<T, E> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

export const ok = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });

export const fail = <E>(error: E): { readonly ok: false; readonly error: E } => ({
  ok: false,
  error,
});

/** Call in the `default` of a switch: the compiler rejects it while a case is missing. */
export function unreachable(value: never): never {
  throw new Error(`Unreachable case: ${JSON.stringify(value)}`);
}
