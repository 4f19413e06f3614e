import { statfsSync } from 'node:fs';
import { constants } from 'node:os';

/** Why a store cannot be opened, or cannot go on. */
type StoreProblemKind =
  /** Opened for reading only, and nothing was ever stored there. */
  | 'missing'
  /** Written by a newer version of the program; it was not touched. */
  | 'newer-format'
  /** The files are not what was written. Nothing was repaired or thrown away. */
  | 'damaged'
  /** The user may not read or write there. */
  | 'no-access'
  /** The disk, the quota or the largest size of a file is used up. */
  | 'no-space'
  /** The machine refused for another reason, named in the message. */
  | 'failed';

export interface StoreProblem {
  readonly kind: StoreProblemKind;
  /** The folder or file concerned. */
  readonly path: string;
  /** One sentence for a person, without a full stop. */
  readonly message: string;
}

/**
 * Thrown by a store that is open and cannot go on: a commit failed or the file is damaged. It ends
 * the run, because nobody knows what of the unfinished writes is on disk; what was acknowledged is.
 */
export class StoreError extends Error {
  readonly problem: StoreProblem;

  constructor(problem: StoreProblem, options?: ErrorOptions) {
    super(problem.message, options);
    this.name = 'StoreError';
    this.problem = problem;
  }
}

const { ENOSPC, EDQUOT, EFBIG, EACCES, EPERM, EROFS } = constants.errno;

const KIND_OF_CODE: ReadonlyMap<string | number, StoreProblemKind> = new Map<
  string | number,
  StoreProblemKind
>([
  ...(['ENOSPC', 'EDQUOT', 'EFBIG', ENOSPC, EDQUOT, EFBIG] as const).map(
    (code) => [code, 'no-space'] as const,
  ),
  ...(['EACCES', 'EPERM', 'EROFS', EACCES, EPERM, EROFS] as const).map(
    (code) => [code, 'no-access'] as const,
  ),
  // LMDB: MDB_PAGE_NOTFOUND, MDB_CORRUPTED, MDB_VERSION_MISMATCH, MDB_INVALID.
  ...([-30797, -30796, -30794, -30793] as const).map((code) => [code, 'damaged'] as const),
]);

const PHRASE: Readonly<Record<StoreProblemKind, string>> = {
  missing: 'nothing is stored there yet',
  'newer-format': 'it was written by a newer version of Fieldwork',
  damaged: 'the file is damaged',
  'no-access': 'permission denied',
  'no-space': 'there is no room left',
  failed: 'the operation failed',
};

/** Names what an error of the file system or of LMDB means, by its code. */
export function storeProblemOf(path: string, error: unknown): StoreProblem {
  const { code, message } = error as { readonly code?: string | number; readonly message?: string };
  const kind = (code === undefined ? undefined : KIND_OF_CODE.get(code)) ?? 'failed';
  const detail = message === undefined ? '' : ` (${message})`;
  return { kind, path, message: `${path}: ${PHRASE[kind]}${detail}` };
}

/** Bytes that are free for this user on the disk of a folder. */
export type FreeBytes = (folder: string) => number;

export const freeBytes: FreeBytes = (folder) => {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
};

/** More than a commit of many answers takes. With less than this it can fail. */
const LEAST_ROOM = 16 * 2 ** 20;

/**
 * What is wrong where a disk is nearly full; undefined where it is not. To be asked before a
 * commit: LMDB that meets the end of the disk in the midst of one prints errors of its own.
 */
export function roomProblem(folder: string, free: FreeBytes): StoreProblem | undefined {
  if (free(folder) >= LEAST_ROOM) return undefined;
  return { kind: 'no-space', path: folder, message: `${folder}: ${PHRASE['no-space']}` };
}

/** Like {@link storeProblemOf}, for a failed write: LMDB calls a full disk an input/output error. */
export function writeProblemOf(folder: string, error: unknown): StoreProblem {
  const problem = storeProblemOf(folder, error);
  if (problem.kind !== 'failed') return problem;
  return roomProblem(folder, freeBytes) ?? problem;
}
