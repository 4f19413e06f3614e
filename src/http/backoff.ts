import type { Random } from '../base/random.ts';

/** A number from 0 (included) to 1 (not included). */
export function uniform(random: Random): number {
  const bytes = random.bytes(4);
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) / 2 ** 32;
}

/**
 * Milliseconds to wait before try `attempt + 1` (counted from 0): anything up to a ceiling that
 * doubles with each try. Spreading over the whole range keeps many clients from coming back at
 * once ("full jitter").
 */
export function fullJitter(random: Random, attempt: number, baseMs: number, capMs: number): number {
  return uniform(random) * Math.min(capMs, baseMs * 2 ** Math.min(attempt, 30));
}

/**
 * A `Retry-After` header in milliseconds from now: a number of seconds or an HTTP date (RFC 9110,
 * section 10.2.3). Undefined when it is missing or neither; never below 0.
 */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (/^\d{1,9}(?:\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1_000);
  const date = Date.parse(text);
  // Without a letter, Date.parse would take a stray number such as `-5` for a year.
  return Number.isNaN(date) || !/[a-z]/i.test(text) ? undefined : Math.max(0, date - nowMs);
}
