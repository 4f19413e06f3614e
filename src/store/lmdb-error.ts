import { StoreError, storeProblemOf } from './store-problem.ts';

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

/** A bug stays a bug; everything else is the store's trouble. */
export function storeErrorOf(folder: string, error: unknown): unknown {
  if (error instanceof StoreError) return error;
  if (error instanceof SyntaxError || error instanceof RangeError) {
    const message = `${folder} is damaged: an entry cannot be read`;
    return new StoreError({ kind: 'damaged', path: folder, message }, { cause: error });
  }
  if (!isSystemError(error)) return error;
  return new StoreError(storeProblemOf(folder, error), { cause: error });
}
