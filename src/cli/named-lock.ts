import { connect, createServer } from 'node:net';
import { fail, ok, type Result } from '../base/result.ts';
import type { LockHolder, PipelineLock } from './lock-holder.ts';

/**
 * A lock that is a name of the kernel's own: a named pipe of Windows. Only one process can listen
 * by a name, and the name is free once that process has ended, so nothing is left to clean up.
 */
export async function takeNamedLock(
  address: string,
  holder: LockHolder,
): Promise<Result<PipelineLock, LockHolder>> {
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const lock = await listen(address, holder);
    if (lock !== undefined) return ok(lock);
    const other = await namedHolder(address);
    if (other !== undefined) return fail(other);
    // It ended between the two.
  }
  throw new Error(`Nobody got the lock ${address}`);
}

/** Who listens by the name; undefined when nobody does. */
export function namedHolder(address: string): Promise<LockHolder | undefined> {
  return new Promise((resolve) => {
    const heard: Buffer[] = [];
    const socket = connect({ path: address });
    socket.on('data', (chunk: Buffer) => heard.push(chunk));
    socket.on('error', () => resolve(undefined));
    socket.on('close', () => {
      const text = Buffer.concat(heard).toString('utf8');
      resolve(text === '' ? undefined : (JSON.parse(text) as LockHolder));
    });
  });
}

const MOST_ROUNDS = 100;

/** Undefined when another process has the name. */
function listen(address: string, holder: LockHolder): Promise<PipelineLock | undefined> {
  const told = JSON.stringify(holder);
  const server = createServer((socket) => {
    socket.unref().on('error', () => socket.destroy());
    socket.end(told);
  });
  server.unref();
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen({ path: address }, () => {
      resolve({
        release: () => new Promise((closed) => void server.close(() => closed())),
      });
    });
  });
}
