import { stat } from 'node:fs/promises';

/** What the file system knows of a file without its content; another one after every change. */
export interface FileStamp {
  readonly bytes: number;
  /** Its size, when it changed (also its name or mode), and which file it is. */
  readonly stamp: string;
  /** When it changed last, in ms since 1970. */
  readonly changedMs: number;
}

/** Rejects when there is no such file. */
export async function stampOf(location: string): Promise<FileStamp> {
  const { size, mtimeNs, ctimeNs, ino } = await stat(location, { bigint: true });
  const latest = mtimeNs > ctimeNs ? mtimeNs : ctimeNs;
  return {
    bytes: Number(size),
    stamp: [size, mtimeNs, ctimeNs, ino].join('.'),
    changedMs: Number(latest / 1_000_000n),
  };
}
