import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import type { Json, JsonObject } from '../../../src/base/json.ts';
import { readCorpusFolder } from '../../../src/agent/local/corpus/corpus-folder.ts';
import { Corpus } from '../../../src/agent/local/corpus/corpus.ts';
import { Linker } from '../../../src/agent/local/link/linker.ts';
import { COMPANIES, folderWith, QUICKSTART } from './local-rig.ts';

interface Opened {
  readonly corpus: Corpus;
  /** Links against the table at `index`, and says whom it found: the record's first cell. */
  link(record: JsonObject, index?: number): Promise<string>;
}

const textOf = (cell: Json | undefined): string =>
  typeof cell === 'string' ? cell : JSON.stringify(cell ?? null);

async function open(folder: string): Promise<Opened> {
  const read = await readCorpusFolder(folder);
  if (!read.ok) throw new Error(read.error.message);
  const corpus = await Corpus.load(read.value);
  if (!corpus.ok) throw new Error(corpus.error);
  onTestFinished(() => corpus.value.close());
  const linker = new Linker(corpus.value);
  return {
    corpus: corpus.value,
    link: async (record, index = 0) => {
      const table = corpus.value.tables[index];
      if (table === undefined) throw new Error('no such table');
      const found = await linker.link(table, record);
      if (found.kind !== 'linked') return found.kind;
      const [row] = await corpus.value.read(table, [found.row]);
      return `${textOf(row?.cells[0])} by ${found.by}`;
    },
  };
}

test('names link whatever their case, accents, articles, brackets and order', async () => {
  const { link } = await open(QUICKSTART);
  expect(await link({ name: 'Nigeria' })).toBe('Nigeria by name');
  expect(await link({ country: 'nigeria ' })).toBe('Nigeria by name');
  expect(await link({ country_name: 'NIGERIA' })).toBe('Nigeria by name');
  expect(await link({ name: 'Réunion' })).toBe('Reunion by name');
  expect(await link({ name: 'The Gambia' })).toBe('Gambia by variant');
  expect(await link({ name: 'Democratic Republic of the Congo' })).toBe(
    'The Democratic Republic of Congo by variant',
  );
  expect(await link({ name: 'Federated States of Micronesia' })).toBe(
    'Micronesia, Federated States of by variant',
  );
  expect(await link({ name: 'Holy See' })).toBe('Holy See (Vatican City State) by variant');
  expect(await link({ name: 'Bosnia & Herzegovina' })).toBe('Bosnia and Herzegovina by variant');
  expect(await link({ name: 'UAE' }, 1)).toBe('United Arab Emirates by name');
});

test('an identifier comes before a name, and a contradiction is no link', async () => {
  const { link } = await open(QUICKSTART);
  expect(await link({ name: 'Congo-Kinshasa', code: 'CD' })).toBe(
    'The Democratic Republic of Congo by id',
  );
  expect(await link({ code: 'ng' })).toBe('Nigeria by id');
  expect(await link({ name: 'Nigeria', code: 'NE' })).toBe('ambiguous');
  expect(await link({ name: 'Nigeria', code: 'XX' })).toBe('ambiguous');
  expect(await link({ name: 'Atlantis', code: 'XX' })).toBe('none');
  expect(await link({ name: 'Korea' })).toBe('none');
  expect(await link({ name: 'Virgin Islands' })).toBe('none');
  expect(await link({ colour: 'Nigeria' })).toBe('none');
});

test('companies link by domain, or by name without legal form', async () => {
  const { link } = await open(await folderWith({ 'companies.csv': COMPANIES }));
  expect(await link({ company: 'Acme Robotics GmbH' })).toBe('Acme Robotics by name');
  expect(await link({ domain: 'https://www.gamma.com/' })).toBe('Gamma, Inc. by id');
  expect(await link({ name: 'Gamma' })).toBe('Gamma, Inc. by name');
  expect(await link({ name: 'Acme Robotics', domain: 'acme.io' })).toBe('ambiguous');
  expect(await link({ name: 'Acme Robotics', country: 'France' })).toBe('ambiguous');
  expect(await link({ name: 'Acme' })).toBe('none');
});

test('two people of one name are told apart by what else is known, or not at all', async () => {
  const { link } = await open(
    await folderWith({
      'people.csv': 'name,company,role\nJo Kim,Acme,CTO\nJo Kim,Bolt,CEO\nAda Ray,Bolt,CTO\n',
    }),
  );
  expect(await link({ name: 'Jo Kim' })).toBe('ambiguous');
  expect(await link({ name: 'Jo Kim', company: 'Bolt Inc.' })).toBe('Jo Kim by name');
  expect(await link({ name: 'Jo Kim', company: 'Cedar' })).toBe('ambiguous');
  expect(await link({ name: 'Ada Ray', company: 'Acme' })).toBe('ambiguous');
  expect(await link({ name: 'Ada Ray' })).toBe('Ada Ray by name');
});

test('every country of one source links to the same country of the other, or to none', async () => {
  const { corpus, link } = await open(QUICKSTART);
  const [first, second] = corpus.tables;
  if (first === undefined || second === undefined) throw new Error('two tables');
  const codeOf = new Map<string, unknown>();
  const all = await corpus.read(
    second,
    Array.from({ length: second.rows }, (_, i) => i + 1),
  );
  for (const { cells } of all) codeOf.set(textOf(cells[0]), cells[1]);
  let linked = 0;
  const records = await corpus.read(
    first,
    Array.from({ length: first.rows }, (_, i) => i + 1),
  );
  for (const { cells } of records) {
    const found = await link({ name: cells[0] ?? null }, 1);
    if (found === 'none' || found === 'ambiguous') continue;
    linked++;
    expect([cells[0], codeOf.get(found.replace(/ by \w+$/, ''))]).toEqual([cells[0], cells[1]]);
  }
  expect(linked).toBeGreaterThan(first.rows * 0.95);
}, 60_000);

test('no made-up name is ever linked', async () => {
  const { corpus, link } = await open(QUICKSTART);
  const [first] = corpus.tables;
  if (first === undefined) throw new Error('a table');
  const names = (
    await corpus.read(
      first,
      Array.from({ length: first.rows }, (_, i) => i + 1),
    )
  ).map(({ cells }) => textOf(cells[0]));
  const made = fc.tuple(fc.constantFrom(...names), fc.stringMatching(/^[a-z]{3,8}$/), fc.boolean());
  await fc.assert(
    fc.asyncProperty(made, async ([name, word, before]) => {
      const fake = before ? `${word} ${name}` : `${name} ${word}`;
      const legal =
        /^(?:inc|llc|ltd|corp|plc|gmbh|the|sas|spa|oyj|aps|pty|pte|company|limited|holding|holdings|srl|sarl|llp)$/;
      fc.pre(!legal.test(word));
      expect(await link({ name: fake })).toBe('none');
    }),
    { numRuns: 300, seed: 7 },
  );
}, 60_000);
