import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { JsonObject } from '../../src/base/json.ts';
import { openDatabase } from '../../src/duckdb/database.ts';
import type { SqlFailure } from '../../src/duckdb/failure.ts';
import type { QueryResult, Selection, Workspace } from '../../src/execution/ports.ts';
import type { Source } from '../../src/pipeline/pipeline.ts';
import { FileSourceReader } from '../../src/tables/source-reader.ts';
import { openWorkspace } from '../../src/tables/workspace.ts';
import { allRows, SourceFolder } from './source-fixtures/sources.ts';
import { COMPANIES, FOUND, keyOf, PEOPLE, rowsOf } from './source-fixtures/steps.ts';

vi.setConfig({ testTimeout: 30_000 });

let sources: SourceFolder;
let scratch: string;
let workspace: Workspace;
const reader = new FileSourceReader();

beforeAll(async () => {
  sources = await SourceFolder.create();
  scratch = await mkdtemp(join(tmpdir(), 'fieldwork-workspace-'));
});
afterEach(() => workspace.close());
afterAll(async () => {
  await sources.remove();
  await rm(scratch, { recursive: true });
});

async function open(given: readonly Source[] = []): Promise<Workspace> {
  const opened = await openWorkspace({ folder: scratch, sources: given, reader });
  if (!opened.ok) throw new Error(opened.error);
  workspace = opened.value;
  return workspace;
}

/** What was asked of it, or why not: of SQL with its place. */
type Asked = ReturnType<Workspace['query']> | ReturnType<Workspace['read']>;

const told = (why: string | SqlFailure): string => (typeof why === 'string' ? why : why.message);

async function rows(result: Asked): Promise<JsonObject[]> {
  const answer = await result;
  if (!answer.ok) throw new Error(told(answer.error));
  return allRows(answer.value.rows);
}

const columns = async (result: Asked): Promise<string[]> => {
  const answer = await result;
  if (!answer.ok) throw new Error(told(answer.error));
  await allRows(answer.value.rows);
  return answer.value.columns.map(({ name, type }) => `${name} ${type}`);
};

const error = async (result: Asked): Promise<string> => {
  const answer = await result;
  return answer.ok ? 'no error' : told(answer.error);
};

const ALL: Selection = { columns: undefined, where: undefined, limit: undefined };

describe('SQL', () => {
  test('reads steps and sources together, with types', async () => {
    const crm = await sources.write('crm.csv', 'domain,owner,seats\nc.io,01,5\na.io,02,7\n');
    const more = await sources.write('more.json', '[{"domain":"a.io","size":{"n":1.5}}]');
    await open([crm, more]);
    await workspace.addStep('companies', COMPANIES, rowsOf(FOUND));
    await workspace.addStep(
      'people',
      PEOPLE,
      rowsOf([
        { company: 'C', name: 'Zoë' },
        { company: 'B', name: 'Bo' },
      ]),
    );
    await Promise.all([
      workspace.addSource(crm),
      workspace.addSource(crm),
      workspace.addSource(more),
    ]);

    const sql = `SELECT c.name, p.name AS leader, c.employees + crm.seats AS sum, crm.owner, size.n, founded
      FROM companies c LEFT JOIN people p ON p.company = c.name
      LEFT JOIN crm USING (domain) LEFT JOIN more USING (domain)
      ORDER BY c.name; -- all of them`;
    expect(await columns(workspace.query(sql))).toEqual([
      'name VARCHAR',
      'leader VARCHAR',
      'sum BIGINT',
      'owner VARCHAR',
      'n DOUBLE',
      'founded DATE',
    ]);
    expect(await rows(workspace.query(sql))).toEqual([
      { name: 'B', leader: 'Bo', sum: null, owner: null, n: null, founded: null },
      { name: 'C', leader: 'Zoë', sum: 35, owner: '01', n: null, founded: null },
      { name: 'Ü "A"', leader: null, sum: 17, owner: '02', n: 1.5, founded: '2020-02-29' },
    ]);
  });

  test('sees the columns of every table, and no more', async () => {
    await open();
    await workspace.addStep('companies', COMPANIES, rowsOf(FOUND));
    expect(await columns(workspace.query('FROM companies'))).toEqual([
      'name VARCHAR',
      'domain VARCHAR',
      'employees BIGINT',
      'founded DATE',
      'tags VARCHAR[]',
      'address STRUCT("city" VARCHAR)',
      '_key VARCHAR',
      '_parent_key VARCHAR',
      '_agent_run_id VARCHAR',
      '_answered_at TIMESTAMP WITH TIME ZONE',
      '_confidence VARCHAR',
    ]);
    expect(
      await rows(workspace.query('SELECT name, tags, address, _key, _answered_at FROM companies')),
    ).toEqual([
      {
        name: 'Ü "A"',
        tags: ['x', 'y'],
        address: { city: 'Köln' },
        _key: '"Ü \\"A\\""',
        _answered_at: '2026-01-02T03:04:05.678Z',
      },
      {
        name: 'B',
        tags: null,
        address: null,
        _key: '"B"',
        _answered_at: '2026-01-02T03:04:05.678Z',
      },
      { name: 'C', tags: [], address: null, _key: '"C"', _answered_at: '2026-01-02T03:04:05.678Z' },
    ]);
  });

  test('gives columns of one name numbers, and takes statements of every form', async () => {
    await open();
    await workspace.addStep('people', PEOPLE, rowsOf([{ company: 'C', name: 'Zoë' }]));
    expect(await rows(workspace.query('SELECT a.name, b.name FROM people a, people b'))).toEqual([
      { name: 'Zoë', name_1: 'Zoë' },
    ]);
    expect(await rows(workspace.query('VALUES (1, NULL)'))).toEqual([{ col0: 1, col1: null }]);
    expect(await rows(workspace.query('WITH w AS (SELECT company FROM people) FROM w'))).toEqual([
      { company: 'C' },
    ]);
    expect(await rows(workspace.query("SELECT name FROM people WHERE name = 'nobody'"))).toEqual(
      [],
    );
    expect(
      await rows(
        workspace.query("SELECT name FROM (PIVOT people ON company IN ('C') USING count(*))"),
      ),
    ).toEqual([{ name: 'Zoë' }]);
  });

  test('with a mistake comes back in the words of DuckDB, before any row does', async () => {
    const crm = await sources.write('crm.csv', 'domain,seats\na.io,1\n');
    await open([crm]);
    await workspace.addSource(crm);
    await workspace.addStep('companies', COMPANIES, rowsOf(FOUND));
    expect(await error(workspace.query('SELECT nam FROM companies'))).toMatch(
      /^Referenced column "nam" not found in FROM clause! Candidate bindings: "name"/u,
    );
    expect(await error(workspace.query('SELECT name + 1 FROM companies'))).toMatch(
      /^No function matches the given name and argument types '\+\(VARCHAR, INTEGER_LITERAL\)'. You might need to add explicit type casts.$/u,
    );
    expect(
      await error(
        workspace.query(
          `SELECT CASE WHEN i = 900000 THEN error('late') ELSE 'x' END AS v FROM range(900001) t(i)`,
        ),
      ),
    ).toBe('late');
    expect(await error(workspace.query('SELECT FROM'))).toMatch(/^syntax error|^SELECT clause/u);
    expect(await error(workspace.query('FROM compnies'))).toBe(
      'there is no table "compnies"; did you mean "companies"?',
    );
    expect(await error(workspace.query('FROM hidden.companies'))).toBe(
      'tables have no schema here: write companies, not hidden.companies',
    );
  });

  test('can neither read files nor change anything', async () => {
    const crm = await sources.write('crm.csv', 'domain\na.io\n');
    await open([crm]);
    await workspace.addSource(crm);
    for (const sql of [
      `FROM read_csv('${crm.path}')`,
      `FROM '${crm.path}'`,
      `COPY crm TO '${join(scratch, 'out.csv')}'`,
      `ATTACH '${join(scratch, 'x.duckdb')}'`,
      'SET threads = 8',
      'DROP TABLE crm',
      'INSERT INTO crm VALUES (1)',
      'FROM crm; DROP TABLE crm',
      'FROM duckdb_settings()',
    ]) {
      expect([sql, await error(workspace.query(sql))]).not.toContain('no error');
    }
    expect(await rows(workspace.query('FROM crm'))).toEqual([{ domain: 'a.io' }]);
    expect(await readdir(scratch)).toEqual([]);
  });

  test('gives its rows in the same order each time', async () => {
    await open();
    const many = Array.from({ length: 20_000 }, (_, i) => ({
      company: `c${i % 97}`,
      name: `n${i}`,
    }));
    await workspace.addStep('people', PEOPLE, rowsOf(many));
    const names = (await rows(workspace.query('SELECT name FROM people'))).map(
      (row) => row['name'],
    );
    expect(names).toEqual(many.map((record) => record.name));
    const sql =
      'SELECT p.company, count(*) AS n, any_value(p.name) AS x FROM people p JOIN people q USING (name) GROUP BY p.company';
    const once = await rows(workspace.query(sql));
    expect(once).toHaveLength(97);
    expect(await rows(workspace.query(sql))).toEqual(once);
  });

  test('reads Parquet files and DuckDB tables where they are', async () => {
    const parquet = sources.source('list.parquet');
    const table = sources.source('base.duckdb', { table: 'my table' });
    const made = await openDatabase({ folders: [sources.path] });
    if (!made.ok) throw new Error(made.error.message);
    await made.value.run(
      `COPY (SELECT 1.5::DECIMAL(9,2) AS price, DATE '2020-01-01' AS day) TO '${parquet.path}';
       ATTACH '${table.path}' AS b; CREATE TABLE b."my table" AS SELECT 2 AS n; DETACH b`,
    );
    await made.value.close();
    await open([parquet, table]);
    await workspace.addSource(parquet);
    await workspace.addSource(table);
    expect(await columns(workspace.query('FROM list, base'))).toEqual([
      'price DECIMAL(9,2)',
      'day DATE',
      'n INTEGER',
    ]);
    expect(await rows(workspace.query('FROM list, base'))).toEqual([
      { price: 1.5, day: '2020-01-01', n: 2 },
    ]);
  });
});

describe('Reading a table', () => {
  const read = (table: string, selection: Partial<Selection> = {}): Promise<JsonObject[]> =>
    rows(workspace.read(table, { ...ALL, ...selection }));
  const META = { _parent_key: null, _answered_at: '2026-01-02T03:04:05.678Z', _confidence: 'high' };

  test('gives records of a step as they are, in the order of the table', async () => {
    await open();
    await workspace.addStep('companies', COMPANIES, rowsOf(FOUND));
    const all = FOUND.map((record, at) => ({
      ...record,
      ...META,
      _key: keyOf(record),
      _agent_run_id: `agent_run_${at - (at % 2)}`,
    }));
    expect(await read('companies')).toEqual(all);
    expect(await read('companies', { where: 'employees > 5', limit: 1 })).toEqual(all.slice(0, 1));
    expect(
      await read('companies', { where: `companies.address.city = 'Köln' or _key = '"C"'` }),
    ).toEqual([all[0], all[2]]);
    expect(
      await read('companies', { columns: ['_key', 'founded'], where: 'len(tags) = 0' }),
    ).toEqual([{ _key: '"C"', founded: null }]);
  });

  test('gives what comes last where a step was added again', async () => {
    await open();
    await workspace.addStep('people', PEOPLE, rowsOf([{ company: 'A', name: 'x' }]));
    await workspace.addStep('people', COMPANIES, rowsOf(FOUND));
    expect(await read('people', { columns: ['domain'], limit: 1 })).toEqual([{ domain: 'a.io' }]);
    expect(await rows(workspace.query('SELECT count(*) AS n FROM people'))).toEqual([{ n: 3 }]);
    await workspace.addStep('people', PEOPLE, rowsOf([]));
    expect(await read('people')).toEqual([]);
  });

  test('gives rows of a source as its reader does', async () => {
    const crm = await sources.write('crm.csv', 'domain,seats\na.io,1\nb.io,20\n');
    await open([crm]);
    await workspace.addSource(crm);
    expect(await read('crm', { where: 'seats > 3' })).toEqual([{ domain: 'b.io', seats: '20' }]);
    const answer = await workspace.read('crm', { ...ALL, columns: ['seats'] });
    expect(answer.ok ? answer.value.columns : []).toEqual([{ name: 'seats', type: 'VARCHAR' }]);
  });

  test('says what does not fit', async () => {
    const crm = await sources.write('crm.csv', 'domain,seats\na.io,1\n');
    await open([crm]);
    await workspace.addSource(crm);
    await workspace.addStep('people', PEOPLE, rowsOf([{ company: 'A', name: 'x' }]));
    const read = (table: string, selection: Partial<Selection>): Promise<string> =>
      error(workspace.read(table, { ...ALL, ...selection }));
    const known =
      '(columns: company, name, _key, _parent_key, _agent_run_id, _answered_at, _confidence)';
    expect(await read('nobody', {})).toBe('there is no table "nobody"');
    expect(await read('people', { columns: ['nam'] })).toBe(
      'there is no column "nam"; did you mean "name"?',
    );
    expect(await read('people', { where: 'name = ' })).toBe(
      `syntax error at end of input ${known}`,
    );
    expect(await read('people', { where: 'name::INT > 1' })).toBe(
      `Could not convert string 'x' to INT32 when casting from source column name ${known}`,
    );
    expect(await read('people', { where: 'name IN (FROM crm)' })).toBe(
      `a condition is about its own table; it cannot read "crm" ${known}`,
    );
    expect(await read('crm', { where: 'seat > 1' })).toMatch(
      /^crm\.csv: where: Referenced column "seat" not found/u,
    );
  });
});

test('Any record is read as it was written, whatever its columns hold of it', async () => {
  await open();
  const value = fc.jsonValue({ maxDepth: 3 });
  const names = fc.constantFrom(
    'name',
    'domain',
    'employees',
    'founded',
    'tags',
    'address',
    '_key',
    'hidden record',
    'other',
    'Name',
  );
  const record = fc
    .dictionary(names, value)
    .filter((object) => !JSON.stringify(object).includes('__proto__'));
  await fc.assert(
    fc.asyncProperty(fc.array(record, { maxLength: 6 }), async (records) => {
      const plain = JSON.parse(JSON.stringify(records)) as JsonObject[];
      await workspace.addStep('step', COMPANIES, rowsOf(plain));
      const found: QueryResult | undefined = await workspace
        .read('step', ALL)
        .then((answer) => (answer.ok ? answer.value : undefined));
      const expected = plain.map((object, at) => ({
        ...object,
        _key: keyOf(object),
        _parent_key: null,
        _agent_run_id: `agent_run_${at - (at % 2)}`,
        _answered_at: '2026-01-02T03:04:05.678Z',
        _confidence: 'high',
      }));
      expect(found === undefined ? [] : await allRows(found.rows)).toEqual(expected);
    }),
    { numRuns: 50 },
  );
});

test('Rows that come in thousands are kept on disk, and nothing is left behind', async () => {
  await open();
  const records = Array.from({ length: 50_000 }, (_, i) => ({
    company: `c${i}`,
    name: 'n'.repeat(100),
  }));
  await workspace.addStep('people', PEOPLE, rowsOf(records));
  const answer = await workspace.query('FROM people');
  if (!answer.ok) throw new Error(told(answer.error));
  let [portions, count] = [0, 0];
  for await (const portion of answer.value.rows) {
    portions += 1;
    count += portion.length;
    expect(portion.length).toBeLessThanOrEqual(2_048);
  }
  expect(count).toBe(50_000);
  expect(portions).toBeGreaterThanOrEqual(25);
  await workspace.close();
  expect(await readdir(scratch)).toEqual([]);
});
