import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Figure } from './figures.ts';

/** A figure of the frozen split must not fall below `least`, or rise above `most`. */
export interface Threshold {
  readonly least?: number;
  readonly most?: number;
}

/** By the measure's name; `thresholds.json` is part of the project and is only ever raised. */
export const readThresholds = (): Readonly<Record<string, Threshold>> =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'thresholds.json'), 'utf8')) as Readonly<
    Record<string, Threshold>
  >;

/** One sentence for every figure of the frozen split that misses its threshold. */
export function missed(
  figures: readonly Figure[],
  thresholds: Readonly<Record<string, Threshold>>,
): readonly string[] {
  return figures.flatMap(({ measure, split, value }) => {
    const { least, most } = split === 'frozen' ? (thresholds[measure] ?? {}) : {};
    if (least !== undefined && !(value >= least))
      return [`${measure} is ${value.toFixed(4)}, below ${least}.`];
    if (most !== undefined && !(value <= most))
      return [`${measure} is ${value.toFixed(4)}, above ${most}.`];
    return [];
  });
}
