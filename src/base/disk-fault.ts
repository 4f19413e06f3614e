/** What a disk or its owner can be the reason of: full, read-only, not allowed, another kind of file. */
const CODES: ReadonlySet<string> = new Set([
  'EACCES',
  'EDQUOT',
  'EEXIST',
  'EIO',
  'EISDIR',
  'ELOOP',
  'EMFILE',
  'ENFILE',
  'ENOSPC',
  'ENOTDIR',
  'EPERM',
  'EROFS',
]);

/** What is wrong with a file or folder, where that is why `error` was thrown: no bug of ours. */
export function diskFault(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('path' in error)) return undefined;
  return CODES.has(String(error.code)) ? error.message : undefined;
}
