import type { Fingerprint } from '../base/fingerprint.ts';

/*
 * Keys and values of the LMDB store. Values are JSON: for an output of 2 KB it is faster to read
 * than msgpack, and it keeps every string, lone surrogates and NUL included.
 */

export const encode = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

/** Throws a `SyntaxError` when the bytes are not JSON. */
export const decode = <T>(bytes: Buffer): T =>
  JSON.parse(bytes.toString('utf8', 0, bytes.length)) as T;

/** The 32 bytes that a fingerprint writes as hex. */
export function fingerprintKey(fingerprint: Fingerprint): Buffer {
  const key = Buffer.from(fingerprint, 'hex');
  if (fingerprint.length !== 64 || key.length !== 32) {
    throw new TypeError(`Not a fingerprint: ${JSON.stringify(fingerprint)}`);
  }
  return key;
}

/** Names (which have no NUL) with a NUL between them, so that no name is the start of another. */
export const nameKey = (...names: readonly string[]): Buffer => Buffer.from(names.join('\0'));

/** The range of keys whose first name is `name`. */
export const keysUnder = (name: string): { readonly start: Buffer; readonly end: Buffer } => ({
  start: Buffer.from(`${name}\0`),
  end: Buffer.from(`${name}\u0001`),
});

/** Portions of a version sort by number. */
export function memberKey(version: string, portion: number): Buffer {
  const number = Buffer.alloc(4);
  number.writeUInt32BE(portion);
  return Buffer.concat([nameKey(version, ''), number]);
}
