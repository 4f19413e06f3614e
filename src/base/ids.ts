import type { Random } from './random.ts';

/** Crockford's base 32: no I, L, O, U. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * A lower-case ULID: 10 characters of time (ms) and 16 of randomness, so that ids made later sort
 * later (to the millisecond). Layout: github.com/ulid/spec.
 */
export function ulid(nowMs: number, random: Random): string {
  let time = '';
  for (let rest = Math.floor(nowMs), i = 0; i < 10; i++, rest = Math.floor(rest / 32)) {
    time = (ALPHABET[rest % 32] ?? '0') + time;
  }
  let noise = '';
  for (const byte of random.bytes(16)) noise += ALPHABET[byte % 32] ?? '0';
  return time + noise;
}

/**
 * A ULID that sorts after `last`, which may be of the same millisecond or, where a clock was set
 * back, of a later one: then it is the next in order.
 */
export function ulidAfter(last: string | undefined, nowMs: number, random: Random): string {
  const fresh = ulid(nowMs, random);
  if (last === undefined || fresh > last) return fresh;
  const characters = last.split('');
  for (let at = characters.length - 1; at >= 0; at--) {
    const value = ALPHABET.indexOf(characters[at] ?? '');
    characters[at] = ALPHABET[(value + 1) % 32] ?? '0';
    if (value < 31) break;
  }
  return characters.join('');
}

/** The id of one attempt; it also travels in the request's `metadata`. 128 random bits, in hex. */
export type AttemptId = string & { readonly __brand: 'AttemptId' };

export const attemptId = (random: Random): AttemptId =>
  Buffer.from(random.bytes(16)).toString('hex') as AttemptId;

/**
 * The id of one run of a pipeline: `20261122-0914-7f3a9c`. It sorts by start and is read aloud by
 * its suffix.
 */
export type RunId = string & { readonly __brand: 'RunId' };

export function runId(nowMs: number, random: Random): RunId {
  const [date = '', time = ''] = new Date(nowMs).toISOString().split('T');
  const suffix = Buffer.from(random.bytes(3)).toString('hex');
  return `${date.replaceAll('-', '')}-${time.slice(0, 5).replace(':', '')}-${suffix}` as RunId;
}
