/** The package's errors have the number of LMDB or of the system as their code. */
export const isSystemError = (error: unknown): boolean =>
  typeof (error as { readonly code?: unknown }).code === 'number';

/** The system's error behind the package's "Commit failed": it comes as a promise that rejects. */
export async function causeOf(error: unknown): Promise<unknown> {
  const { commitError } = error as { readonly commitError?: Promise<never> };
  try {
    await commitError;
    return error;
  } catch (cause) {
    return cause;
  }
}
