import type { IndexWriter } from './index-writer.ts';
import type { RawTable } from './load-table.ts';
import type { SettledColumn } from './settle.ts';
import type { Stated } from './table.ts';

const PORTION = 500;

/**
 * Puts records that were gathered from documents into the table `raw<index>`, as files are, and
 * beside the cells `stated`: what documents say for them, column by column, as JSON.
 */
export async function loadGathered(
  writer: IndexWriter,
  columns: readonly SettledColumn[],
  index: number,
): Promise<RawTable> {
  const rows = columns[0]?.cells.length ?? 0;
  const cells = columns.flatMap((_, at) => [
    `json_extract_string(j, '$[${at}]') as t${at}`,
    `json_type(j, '$[${at}]') as k${at}`,
  ]);
  cells.push(`json_extract_string(j, '$[${columns.length}]') as stated`);
  for (let from = 0; from < rows; from += PORTION) {
    const portion = Array.from({ length: Math.min(PORTION, rows - from) }, (_, i) => [
      ...columns.map((column) => column.cells[from + i] ?? null),
      JSON.stringify(columns.map((column): Stated | null => column.stated[from + i] ?? null)),
    ]);
    const into = from === 0 ? `create table raw${index} as` : `insert into raw${index}`;
    await writer.run(
      `${into} select ${cells.join(', ')} from (select unnest(from_json(cast($1 as json), '["json"]')) as j)`,
      [JSON.stringify(portion)],
    );
  }
  return { rows, names: columns.map(({ name }) => name) };
}
