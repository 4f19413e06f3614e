import { basename, extname } from 'node:path';
import type { IndexWriter } from './index-writer.ts';
import { wordsSql } from './index-tables.ts';
import { textOf, type RawTable } from './load-table.ts';
import { columnOf, labelAndNouns, profileSql, typedSql } from './profile.ts';
import type { SettledColumn } from './settle.ts';
import { writeTable, type Column, type Table } from './table.ts';
import { columnValues } from './value-index.ts';

/** Columns with more different values are filtered by number and date only, not by word. */
const MAX_INDEXED_VALUES = 50_000;

/** What documents say, for a table that was gathered from them. */
interface Gathered {
  readonly name: string;
  readonly columns: readonly SettledColumn[];
}

/** Makes the typed table of what was loaded raw, and the index of its values. */
export async function addTable(
  writer: IndexWriter,
  index: number,
  path: string,
  { names, rows }: RawTable,
  gathered?: Gathered,
): Promise<Table> {
  const [profile = {}] = await writer.rows(profileSql(index, names.length));
  const columns = names.map((name, at): Column => {
    const column = columnOf(name, at, rows, profile);
    const settled = gathered?.columns[at];
    return settled?.kind === undefined
      ? column
      : { ...column, kind: settled.kind, unit: settled.unit };
  });
  const isGathered = gathered !== undefined;
  await writer.run(`${typedSql(index, columns, isGathered)}; drop table raw${index}`);
  const name = gathered?.name ?? basename(path, extname(path));
  const named = labelAndNouns(name, columns);
  const table: Table = { index, name, path, gathered: isGathered, rows, columns, ...named };
  await writer.run('insert into tables values ($1, $2)', [index, writeTable(table)]);
  await indexValues(writer, table);
  return table;
}

async function indexValues(writer: IndexWriter, table: Table): Promise<void> {
  const rows: object[] = [];
  for (const column of table.columns) {
    const list = column.kind === 'list';
    if ((column.kind !== 'text' && !list) || column.url) continue;
    const text = list ? `unnest(l${column.index})` : `t${column.index}`;
    const values = `from (select row, ${text} as v from c${table.index}) where v is not null and length(v) <= 100`;
    if (column.distinct > MAX_INDEXED_VALUES) {
      const [count] = await writer.rows(`select count(distinct v) as n ${values}`);
      if (Number(count?.['n'] ?? 0) > MAX_INDEXED_VALUES) continue;
    }
    const found = await writer.rows(
      `select v, cast(count(*) as varchar) || ':' || cast(bit_xor(hash(row)) as varchar) as records
       ${values} group by v order by v limit ${MAX_INDEXED_VALUES + 1}`,
    );
    if (found.length > MAX_INDEXED_VALUES) continue;
    const entries = columnValues(
      found.map((row) => [textOf(row, 'v'), textOf(row, 'records')] as const),
    );
    rows.push({ t: table.index, c: column.index, entries: JSON.stringify(entries) });
  }
  await writer.insert('named_values', { t: 'INTEGER', c: 'INTEGER', entries: 'VARCHAR' }, rows);
}

/** Indexes the words of a table of a file. */
export async function indexWords(writer: IndexWriter, table: Table): Promise<void> {
  await writer.run(
    `insert into record_words select ${table.index}, word, id, times from (${cellWordsSql(table)}) order by word, id`,
  );
  await writer.run(
    `insert into record_sizes select t, id, sum(times) from record_words where t = ${table.index} group by t, id order by id`,
  );
}

/** How often each record has each word in its texts: `id`, `word`, `times`. */
export function cellWordsSql({ index, columns }: Table): string {
  const texts = columns
    .filter(({ kind, url }) => (kind === 'text' || kind === 'list') && !url)
    .map((column) => `t${column.index}`);
  const text = `concat_ws(' ', '', ${texts.length === 0 ? `''` : texts.join(', ')})`;
  return `select id, word, count(*) as times from (select row as id, ${wordsSql(text)} as word from c${index}) group by id, word`;
}

/** Takes a table with all that belongs to it over from the index `earlier`. */
export async function copyTable(writer: IndexWriter, from: number, to: number): Promise<void> {
  await writer.run(`create table c${to} as from earlier.main.c${from} order by row`);
  for (const table of OF_TABLES) {
    await writer.run(
      `insert into ${table} select ${to}, * exclude (t) from earlier.main.${table} where t = ${from} order by rowid`,
    );
  }
}

/** Takes back what there is of a table that could not be finished. */
export async function dropTable(writer: IndexWriter, index: number): Promise<void> {
  await writer.run(`drop table if exists raw${index}; drop table if exists c${index}`);
  for (const table of OF_TABLES) await writer.run(`delete from ${table} where t = ${index}`);
}

const OF_TABLES = ['tables', 'named_values', 'record_words', 'record_sizes'] as const;
