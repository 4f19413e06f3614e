import { createHash } from 'node:crypto';
import { mkdtemp, readFile, realpath, rm, symlink } from 'node:fs/promises';
import { hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** The name of a contender's socket, and what can be told from it without asking anybody. */
export interface LockName {
  readonly file: string;
  /** Chosen by chance; the lowest goes first among those that come at once. */
  readonly ticket: string;
  readonly pid: number;
  /** Which running kernel made it; empty where the system does not say. */
  readonly kernel: string;
  readonly host: string;
}

const NAME = /^([\da-f]{12})\.(\d{1,10})\.([\da-f]{8})?\.([\w-]{0,24})$/;

/** Undefined for a file that is no contender's socket. */
export function parseLockName(file: string): LockName | undefined {
  const [, ticket, pid, kernel = '', host = ''] = NAME.exec(file) ?? [];
  if (ticket === undefined || pid === undefined) return undefined;
  return { file, ticket, pid: Number(pid), kernel, host };
}

export async function lockName(ticket: string, pid: number): Promise<string> {
  return [ticket, pid, await kernelName(), shortHost()].join('.');
}

export const shortHost = (): string =>
  hostname()
    .replace(/[^\w-]/g, '-')
    .slice(0, 24);

/** Differs between machines and between two starts of one; containers of one machine share it. */
export async function kernelName(): Promise<string> {
  try {
    const id = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    return digest(id.trim()).slice(0, 8);
  } catch {
    return '';
  }
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Systems take 103 bytes at least for a socket's path, and cut off or refuse what is longer. */
const LONGEST_PATH = 103;
/** The longest name that {@link lockName} makes, and a prefix while it is set up. */
const LONGEST_NAME = 64;

/** A folder, and a name of it that is short enough for sockets in it. */
export interface LockFolder {
  readonly path: string;
  readonly short: string;
}

/**
 * Carries `work` out in a folder. One that lies too deep gets a link with a short name meanwhile,
 * which each process makes for itself: the sockets are in the folder all the same, so processes
 * meet whatever their `TMPDIR` is.
 */
export async function inLockFolder<T>(
  path: string,
  work: (folder: LockFolder) => Promise<T>,
): Promise<T> {
  const room = LONGEST_PATH - LONGEST_NAME - 1;
  if (Buffer.byteLength(path) <= room) return work({ path, short: path });
  const temporary = Buffer.byteLength(tmpdir()) + '/fw-123456/l'.length <= room ? tmpdir() : '/tmp';
  const own = await mkdtemp(join(temporary, 'fw-'));
  try {
    const short = join(own, 'l');
    await symlink(path, short, 'dir');
    return await work({ path, short });
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}

/**
 * Where the sockets go if the folder's file system has none, as with folders that a virtual
 * machine shares with its host: a place in the temporary folder, the same for all processes of a
 * user there.
 */
export async function elsewhere(folder: string): Promise<string> {
  return join(tmpdir(), `fieldwork-${userInfo().uid}`, digest(await realpath(folder)).slice(0, 16));
}

/** The name that stands for a folder among the pipes of Windows. */
export const pipeName = async (folder: string): Promise<string> =>
  `\\\\?\\pipe\\fieldwork-${digest(await realpath(folder)).slice(0, 32)}`;

/** Codes with which a file system says that it has no sockets, or no renaming of them. */
export const hasNoSockets = (error: unknown): boolean =>
  ['ENOTSUP', 'EOPNOTSUPP', 'EPERM', 'EINVAL', 'ENOSYS'].includes(
    (error as { readonly code?: string }).code ?? '',
  );
