import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Json, JsonObject } from '../../src/base/json.ts';
import { SourceUnreadable, type Selection } from '../../src/execution/ports.ts';
import type { Source } from '../../src/pipeline/pipeline.ts';
import { FileSourceReader } from '../../src/tables/source-reader.ts';
import { allRows, SourceFolder } from './source-fixtures/sources.ts';

// Each condition opens a database, and the laws below have many.
vi.setConfig({ testTimeout: 60_000 });

let folder: SourceFolder;
const reader = new FileSourceReader();
const ALL: Selection = { columns: undefined, where: undefined, limit: undefined };

beforeAll(async () => {
  folder = await SourceFolder.create();
});
afterAll(() => folder.remove());

const read = (source: Source, selection: Partial<Selection> = {}): Promise<JsonObject[]> =>
  allRows(reader.read(source, { ...ALL, ...selection }));

const refused = (source: Source, selection: Partial<Selection>): Promise<string> =>
  read(source, selection).then(
    () => 'it was read',
    (error: unknown) => String(error),
  );

const CRM =
  'domain,employees,zip,founded,rate,live\na.io,20,01234,2019-05-01,0.5,true\n"b, c.io",,99999,2020-01-31,12.25,false\nd.io,300,00001,,7,\n';

describe('Rows of a CSV file', () => {
  test('are text as it stands in the file, and null where there is nothing', async () => {
    expect(await read(await folder.write('crm.csv', CRM))).toEqual([
      {
        domain: 'a.io',
        employees: '20',
        zip: '01234',
        founded: '2019-05-01',
        rate: '0.5',
        live: 'true',
      },
      {
        domain: 'b, c.io',
        employees: null,
        zip: '99999',
        founded: '2020-01-31',
        rate: '12.25',
        live: 'false',
      },
      { domain: 'd.io', employees: '300', zip: '00001', founded: null, rate: '7', live: null },
    ]);
  });

  test('stay the same when a condition chooses them', async () => {
    const crm = await folder.write('crm.csv', CRM);
    const all = await read(crm);
    expect(await read(crm, { where: 'true' })).toEqual(all);
    expect(await read(crm, { where: 'employees > 100' })).toEqual([all[2]]);
    expect(await read(crm, { where: "zip = '01234'" })).toEqual([all[0]]);
    expect(await read(crm, { where: "founded > DATE '2020-01-01'" })).toEqual([all[1]]);
    expect(await read(crm, { where: 'rate < 1 or not live' })).toEqual([all[0], all[1]]);
    expect(await read(crm, { where: 'crm.employees is null -- none' })).toEqual([all[1]]);
  });

  test('come with the columns asked for, in that order, up to the limit', async () => {
    const crm = await folder.write('crm.csv', CRM);
    const columns = ['zip', 'domain'];
    const first = [{ zip: '01234', domain: 'a.io' }];
    expect(await read(crm, { columns, limit: 1 })).toEqual(first);
    expect(await read(crm, { columns, limit: 1, where: 'true' })).toEqual(first);
    expect(Object.keys((await read(crm, { columns }))[0] ?? {})).toEqual(columns);
    expect(await read(crm, { limit: 0 })).toEqual([]);
  });

  test('do not change when a row is added to them', async () => {
    const [before] = await read(await folder.write('n.csv', 'a\n12\n'));
    const [after] = await read(await folder.write('n.csv', 'a\n12\nn/a\n'));
    expect(after).toEqual(before);
  });

  test('have types for conditions only where every cell prints back as it was', async () => {
    const cells = {
      BOOLEAN: ['true', 'false'],
      BIGINT: ['0', '1', '-9007199254740991', '9007199254740991'],
      DOUBLE: ['2.5', '-0.125', '123456789.12345'],
      DATE: ['2024-02-29', '0001-01-01'],
      VARCHAR: [
        '01',
        '1.50',
        '1e3',
        '9007199254740993',
        '-0',
        ' 1',
        '+1',
        '.5',
        '0.1234567',
        '1.',
        '2023-02-29',
        '2024-1-1',
        '0000-01-01',
        'TRUE',
        'nan',
        'infinity',
        'today',
        '1_000',
      ],
    };
    const all = Object.entries(cells).flatMap(([type, texts]) => texts.map((text) => [text, type]));
    const names = all.map((_, i) => `c${i}`);
    const texts = all.map(([text]) => text);
    const source = await folder.write('types.csv', `${names.join()}\n${texts.join()}\n`);
    const expected = all.map(([, type], i) => `typeof(c${i}) = '${type}'`);
    expect(await read(source, { where: expected.join(' AND '), columns: ['c0'] })).toEqual([
      { c0: 'true' },
    ]);
    // One cell that does not fit makes its whole column text.
    const mixed = await folder.write('mixed.csv', 'a,b,c\n1,1,true\n,2.5,1\nx,3,false\n');
    const types = `typeof(a) || ' ' || typeof(b) || ' ' || typeof(c) = 'VARCHAR DOUBLE VARCHAR'`;
    expect((await read(mixed, { where: types })).map((row) => row['b'])).toEqual(['1', '2.5', '3']);
  });

  test('are read the same by us and by DuckDB, whatever is in the cells', async () => {
    const cell = fc
      .string({ unit: 'grapheme', maxLength: 12 })
      .map((text) => text.replaceAll('\0', ''));
    const odd = fc.constantFrom(
      '',
      ' ',
      '"',
      '""',
      ',',
      '\n',
      '\r',
      '\r\n',
      '\\',
      "'",
      '5" pipe',
      'NULL',
      '#x',
      'ü',
      '\u2028',
      '😀',
    );
    const table = fc.integer({ min: 1, max: 4 }).chain((width) =>
      fc.record({
        rows: fc.array(fc.array(fc.oneof(cell, odd), { minLength: width, maxLength: width }), {
          minLength: 1,
          maxLength: 8,
        }),
        lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
        quoteAll: fc.boolean(),
        endsWithLine: fc.boolean(),
      }),
    );
    await fc.assert(
      fc.asyncProperty(table, async ({ rows, lineEnd, quoteAll, endsWithLine }) => {
        const names = (rows[0] ?? []).map((_, i) => `c${i}`);
        const quoted = (text: string): string =>
          quoteAll || /[",\r\n]|^\s/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
        const lines = [names, ...rows].map((cells) => cells.map(quoted).join(','));
        const content = lines.join(lineEnd) + (endsWithLine || lines.at(-1) === '' ? lineEnd : '');
        const source = await folder.write('law.csv', content);
        const expected = rows.map((cells) =>
          Object.fromEntries(cells.map((text, i) => [`c${i}`, text === '' ? null : text])),
        );
        expect(await read(source)).toEqual(expected);
        expect(await read(source, { where: 'true' })).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  test('are read the same wherever the blocks of the file end', async () => {
    const content = 'a,b\r\n' + '"x ""y""\r\nz",é\r\n'.repeat(40_000);
    const source = await folder.write('blocks.csv', content);
    const rows = await read(source);
    expect(rows).toHaveLength(40_000);
    expect(new Set(rows.map((row) => JSON.stringify(row)))).toEqual(
      new Set([JSON.stringify({ a: 'x "y"\r\nz', b: 'é' })]),
    );
  });
});

describe('Rows of a JSON or NDJSON file', () => {
  const RECORDS: JsonObject[] = [
    { name: 'A', size: 1, tags: ['x'], place: { city: 'Berlin', geo: [1.5, 2] } },
    { name: 'B', size: 2.5, tags: [], extra: null, place: { city: null } },
    { name: 'Ü 😀', size: null, odd: 1 },
    { name: 'D', odd: 'text', founded: '2020-01-01' },
  ];
  const files = ['a.json', 'a.ndjson'] as const;
  const write = (file: string): Promise<Source> =>
    folder.write(
      file,
      file.endsWith('.json')
        ? JSON.stringify(RECORDS, undefined, 2)
        : RECORDS.map((record) => JSON.stringify(record)).join('\r\n'),
    );

  test.each(files)('of %s are the records as they stand', async (file) => {
    const source = await write(file);
    expect(await read(source)).toEqual(RECORDS);
    expect(await read(source, { where: 'true' })).toEqual(RECORDS);
    expect(await read(source, { columns: ['name', 'odd'], limit: 3 })).toEqual([
      { name: 'A', odd: null },
      { name: 'B', odd: null },
      { name: 'Ü 😀', odd: 1 },
    ]);
  });

  test.each(files)('of %s are chosen by conditions over types', async (file) => {
    const source = await write(file);
    const names = async (where: string): Promise<Json[]> =>
      (await read(source, { where, columns: ['name'] })).map((row) => row['name'] ?? null);
    expect(await names('size >= 2')).toEqual(['B']);
    expect(await names("list_contains(tags, 'x')")).toEqual(['A']);
    expect(await names("place.city = 'Berlin' and place.geo[1] > 1")).toEqual(['A']);
    expect(await names("odd = '1'::JSON")).toEqual(['Ü 😀']);
    expect(await names("founded < '2021'")).toEqual(['D']);
  });

  test('have the types that hold all of their values', async () => {
    const checked = await reader.check(await write('a.json'));
    expect(checked).toEqual({
      ok: true,
      value: [
        { name: 'name', type: 'VARCHAR' },
        { name: 'size', type: 'DOUBLE' },
        { name: 'tags', type: 'VARCHAR[]' },
        { name: 'place', type: 'STRUCT("city" VARCHAR, "geo" DOUBLE[])' },
        { name: 'extra', type: 'VARCHAR' },
        { name: 'odd', type: 'JSON' },
        { name: 'founded', type: 'VARCHAR' },
      ],
    });
  });

  test('are read the same by us and by DuckDB, whatever is in them', async () => {
    const name = fc.constantFrom('a', 'b c', 'D', '"', "'", 'ü', 'constructor', 'toString');
    const value = fc
      .jsonValue({ maxDepth: 3 })
      .filter((json) => !/__proto__|\\u[d0]|\d{16}/u.test(JSON.stringify(json)));
    const records = fc.array(fc.dictionary(name, value), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(records, fc.constantFrom(...files), async (found, file) => {
        const texts = found.map((record) => JSON.stringify(record));
        const content = file === 'a.json' ? `[${texts.join(' ,\n')}]` : texts.join('\n');
        const source = await folder.write(file, content);
        const expected = JSON.parse(`[${texts.join()}]`) as JsonObject[];
        expect(await read(source)).toEqual(expected);
        const columns = [...new Set(found.flatMap((record) => Object.keys(record)))];
        if (columns.length > 0) expect(await read(source, { where: 'true' })).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });
});

describe('A selection that does not fit', () => {
  const files: readonly [string, string][] = [
    ['crm.csv', CRM],
    ['crm.json', '[{"domain":"a.io","employees":1}]'],
    ['crm.ndjson', '{"domain":"a.io","employees":1}'],
  ];

  test.each(files)('of %s is told with the columns there are', async (file, content) => {
    const source = await folder.write(file, content);
    expect(await refused(source, { columns: ['domian'] })).toBe(
      `SourceReadError: ${file}: there is no column "domian"; did you mean "domain"?`,
    );
    expect(await refused(source, { where: 'employes > 1' })).toMatch(
      /where: Referenced column "employes" not found in FROM clause \(columns: domain, employees/u,
    );
    expect(await refused(source, { where: 'domain > ' })).toMatch(
      /where: syntax error at end of input/u,
    );
    expect(await refused(source, { where: 'true UNION SELECT 1' })).toMatch(
      /where: this is not one condition, such as "employees > 100" \(columns: domain, employees/u,
    );
    expect(await refused(source, { where: "domain IN (FROM '/etc/passwd')" })).toMatch(
      /where: SQL cannot read the file "\/etc\/passwd"/u,
    );
  });

  test('is told beforehand too, with mistakes that show in one row only', async () => {
    const source = await folder.write('crm.csv', CRM);
    const check = (selection: Partial<Selection>): Promise<string | undefined> =>
      reader.checkSelection(source, { ...ALL, ...selection });
    expect(await check({ where: 'employees > 1', columns: ['domain'] })).toBeUndefined();
    expect(await check({ columns: ['x'] })).toBe(
      'crm.csv: there is no column "x"; columns: domain, employees, zip, founded, rate, live',
    );
    expect(await check({ where: 'domain::INT > 1' })).toBe(
      "crm.csv: where: Could not convert string 'a.io' to INT32 when casting from source column domain (columns: domain, employees, zip, founded, rate, live)",
    );
  });

  test('is told when the file became unreadable since it was checked', async () => {
    expect(await refused(await folder.write('b.csv', 'a,b\n1,"2\n'), {})).toBe(
      'SourceReadError: b.csv: line 2 cannot be read (unclosed-quote)',
    );
    expect(await refused(await folder.write('b.ndjson', '{"a":1}\nx\n'), {})).toBe(
      'SourceReadError: b.ndjson: line 2 cannot be read (not-an-object)',
    );
  });
});

test('A path may hold characters that DuckDB takes for patterns', async () => {
  await folder.write('other.csv', 'a\nwrong\n');
  const source = { ...(await folder.write('[o]*?.csv', 'a\nright\n')), name: 'odd' };
  expect(await read(source, { where: 'true' })).toEqual([{ a: 'right' }]);
});

test('A large file comes in portions, and no more of it is read than is asked for', async () => {
  const lines = Array.from({ length: 300_000 }, (_, i) => `${i},Company ${i}`);
  const source = await folder.write('large.csv', `id,name\n${lines.join('\n')}\n`);
  for (const where of [undefined, 'id >= 0']) {
    let [count, next, largest] = [0, 0, 0];
    let inOrder = true;
    for await (const rows of reader.read(source, { ...ALL, where })) {
      count += 1;
      largest = Math.max(largest, rows.length);
      for (const row of rows) inOrder &&= row['id'] === String(next++);
    }
    expect({ next, largest, inOrder }).toEqual({ next: 300_000, largest: 2_048, inOrder: true });
    expect(count).toBeGreaterThanOrEqual(Math.ceil(300_000 / 2_048));
    const first = reader.read(source, { ...ALL, where });
    expect((await first.next()).value).toHaveLength(2_048);
    await first.return();
  }
});

test('The digest is that of the bytes', async () => {
  const source = await folder.write('crm.csv', CRM);
  expect(await reader.digest(source)).toBe(createHash('sha256').update(CRM).digest('hex'));
});

test.each([{}, { where: 'true' }])(
  'A file that is gone since its check is told as such: %j',
  async (selection) => {
    const source = await folder.write('gone.csv', CRM);
    expect((await reader.check(source)).ok).toBe(true);
    await rm(source.path);
    await expect(read(source, selection)).rejects.toThrow(SourceUnreadable);
    await expect(reader.digest(source)).rejects.toThrow('gone.csv: it cannot be read (ENOENT)');
  },
);
