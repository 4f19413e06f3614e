import { wordsOf } from '../text/words.ts';
import type { NameIndex, Overlap } from './name-index.ts';

/** A record that may be the one looked for. */
export interface Likeness {
  readonly row: number;
  readonly score: number;
}

/** What else is known on both sides, such as the city: asked for and known, in pairs. */
export type Beside = (
  row: number,
) => readonly (readonly [asked: string, known: string | undefined])[];

/**
 * How much a missing word speaks against a name, for each unit of its weight: one that is asked for
 * more than one that only the known name has.
 */
const ASKED_MISSING = 1;
const KNOWN_MISSING = 0.7;
/** With nothing else to go by a word more is another name, but for one that many names have. */
const LITTLE = 2.5;
/** In the same units: what an equal, an overlapping and another value beside the name are worth. */
const SAME = 3;
const OVERLAPPING = 2;
const OTHER = -4;

/**
 * Names alike, likeliest first. The sum of what speaks for it and against it: words in common
 * weigh by how rare they are, words that only one side has count against it unless the other
 * side says them beside the name, and so does another place.
 */
export function likenesses(index: NameIndex, name: string, beside: Beside): readonly Likeness[] {
  return index
    .similar(name)
    .map((overlap) => ({ row: overlap.row, score: scoreOf(index, overlap, beside(overlap.row)) }))
    .toSorted((a, b) => b.score - a.score || a.row - b.row);
}

function scoreOf(
  index: NameIndex,
  { shared, onlyAsked, onlyKnown }: Overlap,
  pairs: ReturnType<Beside>,
): number {
  const said = new Set(pairs.flatMap(([, known]) => (known === undefined ? [] : wordsOf(known))));
  const asked = new Set(pairs.flatMap(([value]) => wordsOf(value)));
  const missing = onlyAsked.filter((word) => !said.has(word));
  const extra = onlyKnown.filter((word) => !asked.has(word));
  const around = pairs.reduce((sum, [a, b]) => sum + (b === undefined ? 0 : agreement(a, b)), 0);
  const alone = around <= 0;
  if (alone && (missing.length > 0 || index.weightOf(extra) > LITTLE)) return -Infinity;
  return (
    shared -
    ASKED_MISSING * index.weightOf(missing) -
    KNOWN_MISSING * index.weightOf(extra) +
    around
  );
}

/** `Belleville/St. Louis` and `Belleville` overlap; `Cutbank` and `Cut Bank` are the same. */
function agreement(a: string, b: string): number {
  const [one, two] = [wordsOf(a), wordsOf(b)];
  if (one.join('') === two.join('')) return SAME;
  const shared = one.filter((word) => two.includes(word)).length;
  return shared > 0 && shared === Math.min(one.length, two.length) ? OVERLAPPING : OTHER;
}
