import type { Figure } from './figures.ts';
import type { Threshold } from './thresholds.ts';

const HEAD = ['measure', 'split', 'n', 'value', '95 % interval', 'naive', 'must be'];

/** The figures as a table for a terminal, one a line. */
export function printed(
  figures: readonly Figure[],
  thresholds: Readonly<Record<string, Threshold>>,
): string {
  const lines = figures.map((figure) => lineOf(figure, thresholds[figure.measure]));
  const widths = HEAD.map((head, at) =>
    Math.max(head.length, ...lines.map((line) => line[at]?.length ?? 0)),
  );
  const row = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => (at < 2 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ')
      .trimEnd();
  return [row(HEAD), row(widths.map((width) => '-'.repeat(width))), ...lines.map(row)].join('\n');
}

function lineOf(figure: Figure, threshold: Threshold | undefined): readonly string[] {
  const { measure, split, n, value, interval, naive } = figure;
  return [
    measure,
    split,
    String(n),
    numeral(value),
    interval === undefined ? '' : `${numeral(interval[0])}–${numeral(interval[1])}`,
    naive === undefined ? '' : numeral(naive),
    split === 'frozen' ? bound(threshold) : '',
  ];
}

const numeral = (value: number): string =>
  Number.isInteger(value) && value > 1 ? String(value) : value.toFixed(3);

function bound(threshold: Threshold | undefined): string {
  if (threshold?.least !== undefined) return `≥ ${threshold.least}`;
  return threshold?.most === undefined ? '' : `≤ ${threshold.most}`;
}
