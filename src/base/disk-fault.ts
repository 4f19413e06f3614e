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

/** Calls on a file that is open: their errors do not name it. */
const CALLS: ReadonlySet<string> = new Set(['fsync', 'ftruncate', 'read', 'write']);

/** What is wrong with a file or folder, where that is why `error` was thrown: no bug of ours. */
export function diskFault(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (!('code' in error)) return causeOf(error);
  const isOfFile = 'path' in error || ('syscall' in error && CALLS.has(String(error.syscall)));
  return isOfFile && CODES.has(String(error.code)) ? error.message : undefined;
}

/** What a fault kept us from, and the fault. */
function causeOf({ message, cause }: Error): string | undefined {
  const fault = diskFault(cause);
  return fault === undefined ? undefined : `${message.replace(/\.$/, '')}: ${fault}`;
}
