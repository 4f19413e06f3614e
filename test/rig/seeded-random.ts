import type { Random } from '../../src/base/random.ts';

/** The same bytes for the same seed (xorshift32; good enough to look random, no secret). */
export function seededRandom(seed = 1): Random {
  let state = seed | 1;
  return {
    bytes: (count) =>
      Uint8Array.from({ length: count }, () => {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        return state & 0xff;
      }),
  };
}
