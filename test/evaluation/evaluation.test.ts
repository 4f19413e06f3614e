import { describe, expect, test } from 'vitest';
import type { Figure } from './figures.ts';
import { silent } from './report.ts';
import { suiteDocuments } from './suite-documents.ts';
import { suiteLinking } from './suite-linking.ts';
import { suiteLists } from './suite-lists.ts';
import { suiteParaphrases } from './suite-paraphrases.ts';
import { suiteQueries } from './suite-queries.ts';
import { missed, readThresholds } from './thresholds.ts';

// The suites that end within a minute, on the frozen half; lists by every eighth query only, whose
// small number makes their shares less steady. `npm run eval` runs all of it, with all figures.

const LISTS_EVERY = 8;

/** So much lower may a share be of which only a sample was drawn. */
const SAMPLED = 0.04;

/** Figures of the frozen half that miss their threshold; every threshold of the suite has one. */
async function below(
  letter: string,
  run: () => Promise<readonly Figure[]>,
  slack = 0,
): Promise<unknown> {
  const thresholds = Object.fromEntries(
    Object.entries(readThresholds())
      .filter(([name]) => name.startsWith(`${letter} `) && !name.startsWith('Q companies'))
      .map(([name, { least, ...bound }]) => [
        name,
        least === undefined ? bound : { least: least < 1 ? least - slack : 1 },
      ]),
  );
  const figures = await run();
  const frozen = figures.filter(({ split }) => split === 'frozen').map(({ measure }) => measure);
  expect(frozen).toEqual(expect.arrayContaining(Object.keys(thresholds)));
  return missed(figures, thresholds);
}

const understood = async (): Promise<readonly Figure[]> => [
  ...(await suiteQueries(silent)),
  ...(await suiteParaphrases(silent)),
];

describe('the frozen half of the evaluation meets its thresholds', () => {
  test('queries are understood', async () => {
    expect(await below('Q', understood)).toEqual([]);
  }, 300_000);

  test('lists have the right records', async () => {
    expect(await below('L', () => suiteLists(silent, LISTS_EVERY), SAMPLED)).toEqual([]);
  }, 300_000);

  test('input rows are linked to their records, or to none', async () => {
    expect(await below('E', () => suiteLinking(silent))).toEqual([]);
  }, 300_000);

  test('values come from documents, with the span that says them', async () => {
    expect(await below('D', () => suiteDocuments(silent))).toEqual([]);
  }, 300_000);
});
