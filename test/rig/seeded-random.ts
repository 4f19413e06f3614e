import type { Random } from '../../src/base/random.ts';

/** The same bytes for the same seed (xorshift32; good enough to look random, no secret). */
export function seededRandom(seed = 1): Random {
  let state = seed | 1;
  return {
    bytes: (count) => {
      const bytes = new Uint8Array(count);
      for (let at = 0; at < count; at++) {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        bytes[at] = state & 0xff;
      }
      return bytes;
    },
  };
}
