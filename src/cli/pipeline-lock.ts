import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { platform } from 'node:os';
import { join } from 'node:path';
import { fail, ok, type Result } from '../base/result.ts';
import type { LockClaim, LockHolder, PipelineLock } from './lock-holder.ts';
import {
  elsewhere,
  hasNoSockets,
  kernelName,
  inLockFolder,
  lockName,
  parseLockName,
  pipeName,
  shortHost,
  type LockFolder,
  type LockName,
} from './lock-place.ts';
import { namedHolder, takeNamedLock } from './named-lock.ts';

/** A process that was stopped (not ended) still has its socket, but does not answer. */
const PATIENCE_MS = 5_000;

/**
 * Takes a pipeline for one process, or says who has it. `folder` is the pipeline's own.
 *
 * The lock is a listening Unix-domain socket: it ends with its process, however that dies, because
 * the kernel closes it, and to connect tells at once whether somebody is there. A file with a pid
 * would need guessing after a crash; the locks inside LMDB last as long as a transaction; an open
 * DuckDB file is a lock too, but loads 70 MB. Two that start at once are told apart without any
 * other lock:
 *
 * 1. each listens on a socket of its own, with a random ticket in its name, and only then looks
 *    which others there are. So of two, at least the later one sees the other;
 * 2. whoever sees a living one with a lower ticket gives up; whoever sees one with a higher ticket
 *    waits for its decision, which it makes without waiting for lower ones. Nobody waits in a ring;
 * 3. whoever then sees nobody has the lock, and tells everyone who asks.
 *
 * A name is never used twice and appears only once its socket listens, so a socket that refuses is
 * dead for good and may be removed by anybody.
 *
 * Containers of one machine that share the folder also share the kernel, and exclude each other.
 * On a network disk the sockets of other machines cannot be asked; such a one counts as alive
 * until a person removes its file (on Linux; elsewhere machines cannot be told apart). The state
 * does not belong on a network disk for other reasons too.
 *
 * Windows has no such sockets in folders, but names of pipes that one process can have at a time.
 */
export async function takePipelineLock(
  folder: string,
  claim: LockClaim,
  patienceMs: number = PATIENCE_MS,
): Promise<Result<PipelineLock, LockHolder>> {
  await mkdir(folder, { recursive: true });
  if (platform() === 'win32') {
    return takeNamedLock(await pipeName(folder), { ...claim, host: shortHost() });
  }
  try {
    return await takeIn(folder, claim, patienceMs);
  } catch (error) {
    if (!hasNoSockets(error)) throw error;
    const other = await elsewhere(folder);
    await mkdir(other, { recursive: true, mode: 0o700 });
    return takeIn(other, claim, patienceMs);
  }
}

/** Who has the pipeline now; undefined when nobody has. Only looks. */
export async function pipelineHolder(folder: string): Promise<LockHolder | undefined> {
  if (!(await isFolder(folder))) return undefined;
  if (platform() === 'win32') return namedHolder(await pipeName(folder));
  for (const path of [folder, await elsewhere(folder)]) {
    if (!(await isFolder(path))) continue;
    const holder = await inLockFolder(path, firstHolder);
    if (holder !== undefined) return holder;
  }
  return undefined;
}

async function firstHolder(folder: LockFolder): Promise<LockHolder | undefined> {
  for (const other of await others(folder, '')) {
    const { answer } = await ask(folder, other, PATIENCE_MS);
    const state = await answer();
    if (state !== 'gone') return state;
  }
  return undefined;
}

/** More rounds than it takes, unless somebody starts processes faster than they decide. */
const MOST_ROUNDS = 100;
/** A socket that is being set up has this before its name. */
const NEW = 'new-';
const ABANDONED_MS = 60_000;

function takeIn(
  path: string,
  claim: LockClaim,
  patienceMs: number,
): Promise<Result<PipelineLock, LockHolder>> {
  return inLockFolder(path, async (folder) => {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const outcome = await contend(folder, claim, patienceMs);
      if (outcome !== 'again') return outcome;
    }
    throw new Error(`Nobody got the lock in ${path}`);
  });
}

async function contend(
  folder: LockFolder,
  claim: LockClaim,
  patienceMs: number,
): Promise<Result<PipelineLock, LockHolder> | 'again'> {
  const own = await Contender.begin(folder, claim.pid);
  try {
    const seen = await others(folder, own.ticket);
    for (const other of seen) {
      const asked = await ask(folder, other, patienceMs);
      const isLower = other.ticket < own.ticket;
      if (isLower && asked.isAlive) await own.withdraw();
      const state = await asked.answer();
      if (state !== 'gone') {
        await own.withdraw();
        return fail(state);
      }
      // It gave up for a third one, which may not have been there when we looked.
      if (isLower && asked.isAlive) return 'again';
    }
  } catch (error) {
    await own.withdraw();
    throw error;
  }
  own.win({ ...claim, host: shortHost() });
  return ok({ release: () => own.withdraw() });
}

/** One process's own socket. */
class Contender {
  readonly ticket: string;
  readonly #path: string;
  readonly #server: Server;
  readonly #asking: Set<Socket>;
  #told: string | undefined;

  private constructor(path: string, ticket: string, asking: Set<Socket>) {
    this.ticket = ticket;
    this.#path = path;
    this.#asking = asking;
    this.#server = createServer((socket) => {
      socket.unref();
      socket.on('error', () => socket.destroy());
      if (this.#told === undefined) asking.add(socket);
      else socket.end(this.#told);
    });
    this.#server.unref();
  }

  static async begin({ path, short }: LockFolder, pid: number): Promise<Contender> {
    const ticket = randomBytes(6).toString('hex');
    const file = await lockName(ticket, pid);
    const own = new Contender(join(path, file), ticket, new Set());
    const fresh = join(short, NEW + file);
    await new Promise<void>((resolve, reject) => {
      own.#server.once('error', reject);
      // Another user who works in the same folder asks too.
      own.#server.listen({ path: fresh, readableAll: true, writableAll: true }, resolve);
    });
    try {
      await rename(fresh, own.#path);
    } catch (error) {
      own.#server.close();
      throw error;
    }
    return own;
  }

  /** Decides: whoever asks from now on, or waits for it, learns who has the lock. */
  win(holder: LockHolder): void {
    this.#told = JSON.stringify(holder);
    for (const socket of this.#asking) socket.end(this.#told);
    this.#asking.clear();
  }

  /** Gives up, or gives back. */
  async withdraw(): Promise<void> {
    await rm(this.#path, { force: true });
    for (const socket of this.#asking) socket.destroy();
    this.#asking.clear();
    this.#server.close();
  }
}

/** Sockets of other contenders, also of dead ones. What was left half set up is swept out. */
async function others({ path }: LockFolder, own: string): Promise<readonly LockName[]> {
  const files = await readdir(path);
  for (const file of files.filter((each) => each.startsWith(NEW))) {
    const made = await stat(join(path, file)).catch(() => undefined);
    if (made !== undefined && Date.now() - made.mtimeMs > ABANDONED_MS) {
      await rm(join(path, file), { force: true });
    }
  }
  return files
    .flatMap((file) => parseLockName(file) ?? [])
    .filter(({ ticket }) => ticket !== own)
    .sort((a, b) => (a.ticket < b.ticket ? -1 : 1));
}

interface Asked {
  readonly isAlive: boolean;
  /** Its decision: it has the lock, or it is gone. */
  readonly answer: () => Promise<LockHolder | 'gone'>;
}

const GONE: Asked = { isAlive: false, answer: () => Promise.resolve('gone') };

async function ask(folder: LockFolder, other: LockName, patienceMs: number): Promise<Asked> {
  const path = join(folder.path, other.file);
  const socket = connect({ path: join(folder.short, other.file) });
  const heard: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => heard.push(chunk));
  const code = await new Promise<string>((resolve) => {
    socket.once('connect', () => resolve(''));
    socket.once('error', ({ code: said = '' }: NodeJS.ErrnoException) => resolve(said));
  });
  if (code === 'ENOENT') return GONE;
  if (code === 'ECONNREFUSED' && (await isOfThisMachine(other))) {
    // One that may not be removed is dead all the same.
    await rm(path, { force: true }).catch(() => undefined);
    return GONE;
  }
  if (code !== '') return { isAlive: true, answer: () => unseen(path, other, code) };
  const ended = new Promise<boolean>((resolve) => {
    socket.once('close', () => resolve(true));
    socket.setTimeout(patienceMs, () => resolve(false));
  });
  socket.on('error', () => socket.destroy());
  const answer = async (): Promise<LockHolder | 'gone'> => {
    const hasEnded = await ended;
    socket.destroy();
    if (!hasEnded) return unseen(path, other, '');
    const text = Buffer.concat(heard).toString('utf8');
    return text === '' ? 'gone' : (JSON.parse(text) as LockHolder);
  };
  return { isAlive: true, answer };
}

/** Whether this kernel knows the socket's end: a restart of the machine ended it as well. */
async function isOfThisMachine({ kernel, host }: LockName): Promise<boolean> {
  const own = await kernelName();
  return kernel === '' || own === '' || kernel === own || host === shortHost();
}

/** What is known of a holder that does not answer. */
async function unseen(path: string, other: LockName, code: string): Promise<LockHolder | 'gone'> {
  const made = await stat(path).catch(() => undefined);
  if (made === undefined) return 'gone';
  const { pid, host } = other;
  const holder = { pid, host, since: made.mtime.toISOString(), work: 'it does not answer' };
  return code === 'ECONNREFUSED' ? { ...holder, unsure: path } : holder;
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
