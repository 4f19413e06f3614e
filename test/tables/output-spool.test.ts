import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import type { Json } from '../../src/base/json.ts';
import { openDatabase, type Database } from '../../src/duckdb/database.ts';
import { Spool } from '../../src/tables/output-spool.ts';

async function open(): Promise<{ readonly database: Database; readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'fieldwork-spool-'));
  const opened = await openDatabase({ folders: [folder] });
  if (!opened.ok) throw new Error(opened.error.message);
  onTestFinished(() => opened.value.close());
  return { database: opened.value, folder };
}

const COLUMNS = [
  { name: 'a "quoted" name', type: 'VARCHAR' },
  { name: 'n', type: 'BIGINT' },
] as const;

test('a spool gives its rows back in order, with any text that Unicode can hold', async () => {
  const { database, folder } = await open();
  let made = 0;
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('\\ud83d', '\\\\ud83d', '🚀'),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.option(text), fc.option(fc.maxSafeInteger()))),
      async (rows) => {
        const spool = new Spool(join(folder, `${made++}`));
        for (const row of rows) spool.add(row);
        await spool.end();
        const read = await database.rows(spool.query(COLUMNS));
        await spool.discard();
        const expected = rows.map(([a, n]) => ({ 'a "quoted" name': a, n }));
        expect(read).toEqual({ ok: true, value: expected });
      },
    ),
    { numRuns: 15 },
  );
}, 30_000);

test('half of a surrogate pair becomes the replacement character, and nothing else does', async () => {
  const { database, folder } = await open();
  const spool = new Spool(join(folder, 'half'));
  spool.add(['\ud83d\ud83d x \\\ud83d \\ud83d \udc00']);
  await spool.end();
  expect(await database.rows(spool.query(COLUMNS))).toEqual({
    ok: true,
    value: [{ 'a "quoted" name': '\uFFFD\uFFFD x \\\uFFFD \\ud83d \uFFFD', n: null }],
  });
});

test('rows longer than any buffer, and very many, come back whole and in order', async () => {
  const { database, folder } = await open();
  const spool = new Spool(join(folder, 'long'));
  const long = 'é'.repeat(18 << 20);
  const row = (n: number): readonly Json[] => [n === 30_000 ? long : `text ${n}`, n];
  for (let n = 0; n < 60_000; n++) {
    spool.add(row(n));
    if (n % 1_000 === 0) await spool.flush();
  }
  await spool.end();
  expect(spool.rows).toBe(60_000);
  const found = await database.rows(
    `SELECT count(*) AS n, max(length("a ""quoted"" name")) AS longest,
      count(*) FILTER (n <> line - 1) AS moved
    FROM (SELECT *, row_number() OVER () AS line FROM (${spool.query(COLUMNS)}))`,
  );
  expect(found).toEqual({ ok: true, value: [{ n: 60_000, longest: long.length, moved: 0 }] });
});
