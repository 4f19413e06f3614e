import type { Database } from '../../../duckdb/database.ts';
import type { RawTable } from './load-table.ts';
import type { SettledColumn } from './settle.ts';

const PORTION = 2_000;

/** Puts records that were gathered from documents into the table `raw<index>`, as files are. */
export async function loadGathered(
  database: Database,
  columns: readonly SettledColumn[],
  index: number,
): Promise<RawTable> {
  const rows = columns[0]?.cells.length ?? 0;
  const cells = columns.flatMap((_, at) => [
    `json_extract_string(j, '$[${at}]') as t${at}`,
    `json_type(j, '$[${at}]') as k${at}`,
  ]);
  for (let from = 0; from < rows; from += PORTION) {
    const portion = Array.from({ length: Math.min(PORTION, rows - from) }, (_, i) =>
      columns.map((column) => column.cells[from + i] ?? null),
    );
    const into = from === 0 ? `create table raw${index} as` : `insert into raw${index}`;
    const made = await database.run(
      `${into} select ${cells.join(', ')} from (select unnest(from_json(cast($1 as json), '["json"]')) as j)`,
      [JSON.stringify(portion)],
    );
    if (!made.ok) throw new Error(`Records of documents cannot be stored: ${made.error.message}`);
  }
  return { rows, names: columns.map(({ name }) => name) };
}
