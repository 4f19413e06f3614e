import { factorOf } from './words.ts';

/** A number written out in words, and how many of them it takes: `twenty five` is 25, 2. */
export interface WrittenNumber {
  readonly value: number;
  readonly length: number;
}

const UNITS: Readonly<Record<string, number>> = {
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  eleven: 11,
  twelve: 12,
  thirteen: 13,
  fourteen: 14,
  fifteen: 15,
  sixteen: 16,
  seventeen: 17,
  eighteen: 18,
  nineteen: 19,
};

const TENS: Readonly<Record<string, number>> = {
  twenty: 20,
  thirty: 30,
  forty: 40,
  fifty: 50,
  sixty: 60,
  seventy: 70,
  eighty: 80,
  ninety: 90,
};

/** `dozen`, `hundred`, `million`: what a number before it is multiplied with. */
export const scaleOf = (word: string): number | undefined =>
  word === 'dozen' ? 12 : factorOf(word, true);

/** Words of a number that are looked at; longer ones are cut, as nobody writes them. */
const LONGEST = 16;

/**
 * The number that `words` begin with: `two dozen`, `one thousand five hundred`, `a hundred and
 * fifty`, `half a million`, `eight and a half`. A lone `one` or `a` is no number.
 */
export function numberInWords(words: readonly string[]): WrittenNumber | undefined {
  const list = words.slice(0, LONGEST);
  const half = halfFirst(list);
  if (half !== undefined) return half;
  const first = termAt(list, 0);
  if (first === undefined || (first.length === 1 && first.value === 1)) return undefined;
  let { value, length, scale } = first;
  while (scale > 1) {
    const joint = list[length] === 'and' ? 1 : 0;
    const next = termAt(list, length + joint);
    if (next === undefined || next.value >= scale || next.article) break;
    value += next.value;
    length += joint + next.length;
    ({ scale } = next);
  }
  return withHalf(list, { value, length });
}

/** `half a million`, `half dozen`. */
function halfFirst([first, second, third]: readonly string[]): WrittenNumber | undefined {
  if (first !== 'half') return undefined;
  const article = second === 'a' || second === 'an';
  const scale = scaleOf((article ? third : second) ?? '');
  return scale === undefined ? undefined : { value: scale / 2, length: article ? 3 : 2 };
}

/** `and a half` after a number, and what it is then counted in: `two and a half million`. */
export function withHalf(words: readonly string[], number: WrittenNumber): WrittenNumber {
  const { value, length } = number;
  if (words.slice(length, length + 3).join(' ') !== 'and a half') return { value, length };
  const scale = scaleOf(words[length + 3] ?? '');
  return scale === undefined
    ? { value: value + 0.5, length: length + 3 }
    : { value: (value + 0.5) * scale, length: length + 4 };
}

interface Term extends WrittenNumber {
  /** Of its last multiplier; only smaller numbers can follow. */
  readonly scale: number;
  readonly article: boolean;
}

/** A number below a hundred with its multipliers: `twenty five`, `five hundred thousand`. */
function termAt(words: readonly string[], at: number): Term | undefined {
  const base = belowHundred(words, at);
  if (base === undefined) return undefined;
  let { value, length } = base;
  let scale = 1;
  for (;;) {
    const factor = scaleOf(words[at + length] ?? '');
    if (factor === undefined) break;
    value *= factor;
    scale = factor;
    length++;
  }
  const article = words[at] === 'a' || words[at] === 'an';
  return article && scale === 1 ? undefined : { value, length, scale, article };
}

function belowHundred(words: readonly string[], at: number): WrittenNumber | undefined {
  const [first = '', second = ''] = words.slice(at, at + 2);
  const tens = TENS[first];
  const unit = UNITS[tens === undefined ? first : second];
  if (tens !== undefined) {
    return unit !== undefined && unit < 10
      ? { value: tens + unit, length: 2 }
      : { value: tens, length: 1 };
  }
  if (first === 'a' || first === 'an') return { value: 1, length: 1 };
  return unit === undefined ? undefined : { value: unit, length: 1 };
}
