import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WordIndex, type Select } from '../../../../src/agent/local/retrieve/word-index.ts';
import { openDatabase, type Database } from '../../../../src/duckdb/database.ts';

let database: Database;
const select: Select = async (sql, parameters = []) => {
  const read = await database.rows(sql, parameters);
  if (!read.ok) throw new Error(read.error.message);
  return read.value;
};

beforeAll(async () => {
  const opened = await openDatabase({});
  if (!opened.ok) throw new Error(opened.error.message);
  database = opened.value;
});
afterAll(() => database.close());

/** Words none of which is a form of another one. */
const WORDS = ['salt', 'boat', 'museum', 'harbour', 'cat'] as const;
const texts = fc.array(fc.array(fc.constantFrom(...WORDS), { maxLength: 8 }), { maxLength: 8 });

/** BM25 as the books have it: k1 = 1.2, b = 0.75, and the logarithm of one more than the odds. */
function bm25(all: readonly (readonly string[])[], asked: readonly string[]): Map<number, number> {
  const filled = all.filter((text) => text.length > 0);
  const average = filled.reduce((sum, text) => sum + text.length, 0) / filled.length;
  const scores = new Map<number, number>();
  for (const word of asked) {
    const having = filled.filter((text) => text.includes(word)).length;
    const weight = Math.log(1 + (filled.length - having + 0.5) / (having + 0.5));
    for (const [id, text] of all.entries()) {
      const times = text.filter((it) => it === word).length;
      if (times === 0) continue;
      const length = 1 - 0.75 + (0.75 * text.length) / average;
      const score = (weight * times * 2.2) / (times + 1.2 * length);
      scores.set(id, (scores.get(id) ?? 0) + score);
    }
  }
  return scores;
}

async function indexed(all: readonly (readonly string[])[]): Promise<WordIndex> {
  await select('create or replace table words (word varchar, id integer, times integer)');
  await select('create or replace table sizes (id integer, size integer)');
  for (const [id, text] of all.entries()) {
    if (text.length > 0) await select('insert into sizes values ($1, $2)', [id, text.length]);
    for (const word of new Set(text)) {
      const times = text.filter((it) => it === word).length;
      await select('insert into words values ($1, $2, $3)', [word, id, times]);
    }
  }
  return new WordIndex(select, { words: 'words', sizes: 'sizes' });
}

test('texts are found with the scores of BM25, the best first, of two alike the first', async () => {
  const questions = fc.subarray([...WORDS], { minLength: 1, maxLength: 3 });
  const least = fc.integer({ min: 1, max: 3 });
  const law = fc.asyncProperty(texts, questions, least, async (all, asked, many) => {
    const hits = await (await indexed(all)).find(asked, many);
    const scores = bm25(all, asked);
    const count = (id: number): number => asked.filter((it) => all[id]?.includes(it)).length;
    const rounded = (id: number): number => Number((scores.get(id) ?? 0).toFixed(9));
    const wanted = [...scores.keys()]
      .filter((id) => count(id) >= many)
      .toSorted((a, b) => rounded(b) - rounded(a) || a - b);
    expect(hits.map(({ id }) => id)).toEqual(wanted);
    for (const { id, score, words } of hits) {
      expect(words).toBe(count(id));
      expect(score).toBeCloseTo(scores.get(id) ?? 0, 9);
    }
  });
  await fc.assert(law, { numRuns: 25 });
});

test('a word is found in its plain forms, and counts once for all of them', async () => {
  const index = await indexed([['boats', 'boating'], ['boat'], ['museum'], []]);
  const hits = await index.find(['boat', 'museum'], 1);
  expect(hits.map(({ id, words }) => [id, words])).toEqual([
    [2, 1],
    [0, 1],
    [1, 1],
  ]);
  expect(await index.find(['ferry'], 1)).toEqual([]);
  expect(await index.find([], 1)).toEqual([]);
});

test('an index of nothing finds nothing', async () => {
  expect(await (await indexed([])).find(['salt'], 1)).toEqual([]);
});
