import { Chance, type Split } from './chance.ts';

/** One case's share in a measure: of `of`, `right` were right. */
export interface Share {
  readonly right: number;
  readonly of: number;
}

/** A measured number, as the command prints it and the thresholds name it. */
export interface Figure {
  /** `Q templates precision`; with the split it is the name of a threshold. */
  readonly measure: string;
  readonly split: Split;
  /** Cases. */
  readonly n: number;
  readonly value: number;
  /** Bootstrap interval at 95 %; undefined for counts and times. */
  readonly interval: readonly [low: number, high: number] | undefined;
  /** The same measure for the naive comparator. */
  readonly naive: number | undefined;
}

/** What was found (`given`), what there was to find (`wanted`), and what is in both (`hits`). */
export interface Tally {
  readonly given: number;
  readonly wanted: number;
  readonly hits: number;
}

const RESAMPLES = 1_000;

const ratio = (shares: readonly Share[]): number => {
  let [right, of] = [0, 0];
  for (const share of shares) {
    right += share.right;
    of += share.of;
  }
  return of === 0 ? 1 : right / of;
};

/** A ratio over cases; its interval comes from drawing whole cases anew. */
export function ratioFigure(
  measure: string,
  split: Split,
  shares: readonly Share[],
  naive?: readonly Share[],
): Figure {
  return {
    measure,
    split,
    n: shares.length,
    value: ratio(shares),
    interval: bootstrap(measure, shares.length, (draw) => ratio(draw(shares))),
    naive: naive === undefined ? undefined : ratio(naive),
  };
}

export const precision = (tallies: readonly Tally[]): readonly Share[] =>
  tallies.map(({ hits, given }) => ({ right: hits, of: given }));

export const recall = (tallies: readonly Tally[]): readonly Share[] =>
  tallies.map(({ hits, wanted }) => ({ right: hits, of: wanted }));

/** F1 over all cases is a ratio too: twice the hits, of all that was given and wanted. */
export const f1 = (tallies: readonly Tally[]): readonly Share[] =>
  tallies.map(({ hits, given, wanted }) => ({ right: 2 * hits, of: given + wanted }));

/** Everything there was to find was found and nothing else. */
export const exact = (tallies: readonly Tally[]): readonly Share[] =>
  tallies.map(({ hits, given, wanted }) => ({
    right: hits === given && hits === wanted ? 1 : 0,
    of: 1,
  }));

/** A count that should be 0, or a time; smaller is better, so thresholds bound it from above. */
export const countFigure = (measure: string, split: Split, n: number, value: number): Figure => ({
  measure,
  split,
  n,
  value,
  interval: undefined,
  naive: undefined,
});

function bootstrap(
  seed: string,
  n: number,
  measure: (draw: <T>(list: readonly T[]) => readonly T[]) => number,
): readonly [number, number] | undefined {
  if (n < 2) return undefined;
  const chance = new Chance(seed);
  const values: number[] = [];
  for (let i = 0; i < RESAMPLES; i++) {
    values.push(measure((list) => list.map(() => chance.pick(list))));
  }
  values.sort((a, b) => a - b);
  const at = (share: number): number => values[Math.floor(share * (RESAMPLES - 1))] ?? Number.NaN;
  return [at(0.025), at(0.975)];
}
