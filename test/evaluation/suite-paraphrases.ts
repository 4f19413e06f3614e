import { readQuestion } from '../../src/agent/local/answer/question.ts';
import { splitOf, type Split } from './chance.ts';
import { companies } from './company-table.ts';
import { NOW } from './corpora.ts';
import { exact, precision, ratioFigure, recall, type Figure, type Tally } from './figures.ts';
import { NaiveReader } from './naive.ts';
import { notationOf } from './notation.ts';
import { LATER_PARAPHRASES } from './queries/later-paraphrases.ts';
import type { Paraphrase } from './queries/paraphrase.ts';
import { PARAPHRASES } from './queries/paraphrases.ts';
import { queryRecords } from './query-sets.ts';
import type { Report } from './report.ts';
import { tallyOf, withOpenCorpus } from './suite-queries.ts';

interface Scored {
  readonly split: Split;
  readonly tally: Tally;
  readonly naive: Tally;
}

/** Suite Q, conditions in free words: constraints of the reading against those meant. */
export async function suiteParaphrases(report: Report): Promise<readonly Figure[]> {
  const sets = { ...queryRecords(), companies: companies() };
  const scored: Scored[] = [];
  for (const [name, records] of Object.entries(sets)) {
    const dev = PARAPHRASES.filter(([table]) => table === name);
    const later = LATER_PARAPHRASES.filter(([table]) => table === name);
    if (dev.length + later.length === 0) continue;
    const naive = new NaiveReader(records);
    await withOpenCorpus({ [name]: records }, (corpus) => {
      const score = (split: Split, [, text, gold]: Paraphrase): void => {
        const read = notationOf(readQuestion({ query: text }, corpus, NOW, undefined).reading);
        const tally = tallyOf(read, gold);
        if (tally.hits !== tally.given || tally.hits !== tally.wanted) {
          report.miss(split, `${name}: ${text}`, { read, gold });
        }
        scored.push({ split, tally, naive: tallyOf(naive.read(text), gold) });
      };
      for (const it of dev) score('dev', it);
      for (const it of later) score(splitOf(it[1]), it);
      return Promise.resolve();
    });
  }
  return (['dev', 'frozen'] as const).flatMap((split) => {
    const own = scored.filter((it) => it.split === split);
    const [all, naive] = [own.map(({ tally }) => tally), own.map((it) => it.naive)];
    return [
      ratioFigure('Q paraphrases: precision', split, precision(all), precision(naive)),
      ratioFigure('Q paraphrases: recall', split, recall(all), recall(naive)),
      ratioFigure('Q paraphrases: all right', split, exact(all), exact(naive)),
    ];
  });
}
