/** Draws that are the same in every run; nothing about them needs to be secret. */
export class Chance {
  #state: number;

  constructor(seed: string) {
    this.#state = hashOf(seed);
  }

  /** At least 0, below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  pick<T>(list: readonly T[]): T {
    const item = list[this.below(list.length)];
    if (item === undefined) throw new Error('Nothing to pick from.');
    return item;
  }

  /** `count` different members, in the order of the list. */
  some<T>(list: readonly T[], count: number): readonly T[] {
    const rest = list.map((_, at) => at);
    while (rest.length > count) rest.splice(this.below(rest.length), 1);
    return rest.flatMap((at) => list[at] ?? []);
  }
}

/** FNV-1a, 32 bits. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

export type Split = 'dev' | 'frozen';

/** Half of all cases, by their text: the frozen half is scored and never looked at one by one. */
export const splitOf = (text: string): Split =>
  (hashOf(`split:${text}`) >>> 7) % 2 === 0 ? 'dev' : 'frozen';
