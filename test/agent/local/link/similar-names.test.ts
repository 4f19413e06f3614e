import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { NameIndex } from '../../../../src/agent/local/link/name-index.ts';
import { likenesses } from '../../../../src/agent/local/link/similarity.ts';
import type { JsonObject } from '../../../../src/base/json.ts';
import { ask, folderWith, listOf, openAgent } from '../local-rig.ts';

const PLACES = Array.from(
  { length: 80 },
  (_, at) => `Quar${String.fromCharCode(97 + (at % 26))}ton${at}`,
);

/** Airports of made-up towns; every one is called municipal, regional or international. */
const AIRPORTS = PLACES.map((city, at) => ({
  name: `${city} ${['Municipal', 'Regional', 'International'][at % 3]} Airport`,
  city,
  code: `Q${at}`,
}));

async function codes(rows: readonly JsonObject[]): Promise<readonly unknown[]> {
  const folder = await folderWith({ 'airports.json': JSON.stringify(AIRPORTS) });
  const agent = await openAgent(folder);
  onTestFinished(() => agent.close());
  const run = await ask(agent, {
    query: 'Find the code of every input airport.',
    input: { data: rows },
    outputSchema: listOf('airports', { name: 'string', city: 'string', code: 'string' }),
  });
  const { airports } = run.output.structured as { readonly airports: readonly JsonObject[] };
  return airports.map((it) => it['code']);
}

/** The first word of a kind of airport, shortened as people do. */
const SHORT = ['Muni', 'Rgnl', 'Intl'];

test('many names with their common words left out or shortened are the same in the same city', async () => {
  const rows = PLACES.slice(0, 60).map((city, at) => ({
    name: at % 2 === 0 ? city : `${city} ${SHORT[at % 3] ?? ''}`,
    city,
  }));
  expect(await codes(rows)).toEqual(rows.map((_, at) => `Q${at}`));
});

test('one alone must be surer than that', async () => {
  const [first = ''] = PLACES;
  expect(await codes([{ name: first, city: first }])).toEqual([null]);
});

test('another city, or another name in the city, is no link', async () => {
  const [first = '', second = ''] = PLACES;
  expect(
    await codes([
      { name: `${first} Municipal`, city: second },
      { name: 'Willow Brook Ranch', city: first },
    ]),
  ).toEqual([null, null]);
});

test('of many input records two that could be one record are neither', async () => {
  const rows = PLACES.slice(0, 60).map((city) => ({ name: city, city, state: 'AA' }));
  const [first = ''] = PLACES;
  const found = await codes([...rows, { name: first, city: first, state: 'BB' }]);
  expect(found[0]).toBeNull();
  expect(found.at(-1)).toBeNull();
  expect(found.slice(1, 60)).toEqual(PLACES.slice(1, 60).map((_, at) => `Q${at + 1}`));
});

test('a long word with one letter wrong still finds its name, a short one does not', () => {
  const index = new NameIndex([
    [1, 'Kleinanzeigen'],
    [2, 'Gambia'],
    [3, 'Nextcloud'],
  ]);
  const rows = (name: string): readonly number[] => index.similar(name).map(({ row }) => row);
  expect(rows('Klenanzeigen')).toEqual([1]);
  expect(rows('Nextcluod')).toEqual([3]);
  expect(rows('Zambia')).toEqual([]);
  expect(rows('Zextcloud')).toEqual([]);
});

test('every name is most like itself, and one more unknown word makes it another', () => {
  const words = fc.uniqueArray(fc.stringMatching(/^[a-z]{5,9}$/), { minLength: 6, maxLength: 12 });
  fc.assert(
    fc.property(words, (all) => {
      const [odd = '', ...own] = all;
      const names = own.slice(1).map((word, at) => [at, `${own[at] ?? ''} ${word}`] as const);
      const index = new NameIndex(names);
      for (const [row, name] of names) {
        expect(likenesses(index, name, () => [])[0]?.row).toBe(row);
        const other = likenesses(index, `${name} ${odd}zzzz`, () => []);
        expect(other.every(({ score }) => score === -Infinity)).toBe(true);
      }
    }),
  );
});
