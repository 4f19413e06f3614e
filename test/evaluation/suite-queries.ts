import { readQuestion } from '../../src/agent/local/answer/question.ts';
import { Corpus } from '../../src/agent/local/corpus/corpus.ts';
import { readCorpusFolder } from '../../src/agent/local/corpus/corpus-folder.ts';
import { NOW, withCorpus } from './corpora.ts';
import type { Records } from './data-sets.ts';
import { exact, precision, ratioFigure, recall, type Figure, type Tally } from './figures.ts';
import { listSchema } from './list-schema.ts';
import { NaiveReader } from './naive.ts';
import { notationOf } from './notation.ts';
import { queryCases, queryRecords } from './query-sets.ts';
import type { QueryCase } from './queries/template.ts';
import type { Report } from './report.ts';

/** Opens the corpus itself, without an agent around it. */
export function withOpenCorpus<T>(
  sets: Readonly<Record<string, Records>>,
  work: (corpus: Corpus) => Promise<T>,
): Promise<T> {
  return withCorpus(sets, async (folder) => {
    const read = await readCorpusFolder(folder);
    if (!read.ok) throw new Error(read.error.message);
    const corpus = await Corpus.load(read.value);
    if (!corpus.ok) throw new Error(corpus.error);
    try {
      return await work(corpus.value);
    } finally {
      await corpus.value.close();
    }
  });
}

/** Suite Q, template queries: constraints of the reading against constraints of the template. */
export function suiteQueries(report: Report): Promise<readonly Figure[]> {
  const sets = queryRecords();
  return withOpenCorpus(sets, (corpus) => {
    const naive = new Map(
      Object.entries(sets).map(([name, records]) => [name, new NaiveReader(records)]),
    );
    const scored = queryCases().map((it) => {
      const request = { query: it.text, outputSchema: listSchema(it.set) };
      const { reading } = readQuestion(request, corpus, NOW, undefined);
      const right = reading.table.name === it.set.name;
      const read = right ? notationOf(reading) : [`table ${reading.table.name}`];
      const tally = tallyOf(read, it.gold);
      if (tally.hits !== tally.given || tally.hits !== tally.wanted) {
        report.miss(it.split, `${it.set.name}: ${it.text}`, { read, gold: it.gold });
      }
      return { it, tally, naive: tallyOf(naive.get(it.set.name)?.read(it.text) ?? [], it.gold) };
    });
    return Promise.resolve(figuresOf(scored));
  });
}

interface Scored {
  readonly it: QueryCase;
  readonly tally: Tally;
  readonly naive: Tally;
}

function figuresOf(scored: readonly Scored[]): readonly Figure[] {
  const figures: Figure[] = [];
  for (const split of ['dev', 'frozen'] as const) {
    const own = scored.filter(({ it }) => it.split === split);
    const [all, naive] = [own.map(({ tally }) => tally), own.map((each) => each.naive)];
    figures.push(
      ratioFigure('Q templates: precision', split, precision(all), precision(naive)),
      ratioFigure('Q templates: recall', split, recall(all), recall(naive)),
      ratioFigure('Q templates: all right', split, exact(all), exact(naive)),
    );
  }
  const part = (measure: string, keep: (it: QueryCase) => boolean): Figure => {
    const own = scored.filter(({ it }) => it.heldOut && keep(it));
    const shares = exact(own.map(({ tally }) => tally));
    return ratioFigure(measure, 'frozen', shares, exact(own.map(({ naive }) => naive)));
  };
  figures.push(
    part('Q held-out templates: all right', ({ set }) => set.heldOut !== true),
    part('Q held-out data set: all right', ({ set }) => set.heldOut === true),
  );
  return figures;
}

export const tallyOf = (given: readonly string[], wanted: readonly string[]): Tally => ({
  given: given.length,
  wanted: wanted.length,
  hits: given.filter((it) => wanted.includes(it)).length,
});
