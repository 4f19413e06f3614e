import type { AddedDocuments } from './build-documents.ts';
import { addTable, cellWordsSql } from './build-tables.ts';
import { gather } from './gather.ts';
import { SENTENCES_A_DOCUMENT } from './index-tables.ts';
import type { IndexWriter } from './index-writer.ts';
import { loadGathered } from './load-gathered.ts';
import { settle, type SettledColumn } from './settle.ts';

/** Puts the tables that are gathered from documents into the index, from number `first` on. */
export async function addGathered(
  writer: IndexWriter,
  { documents, numbers }: AddedDocuments,
  first: number,
): Promise<void> {
  await writer.run(
    `create temp table cell_words (t integer, id integer, word varchar, times integer);
     create temp table row_documents (t integer, row integer, doc integer)`,
  );
  let index = first;
  for (const draft of gather(documents)) {
    const columns = settle(draft).filter(({ cells }) => cells.some((cell) => cell !== null));
    if (columns.length === 0) continue;
    const raw = await loadGathered(writer, columns, index);
    const table = await addTable(writer, index, draft.path, raw, { name: draft.name, columns });
    await writer.run(`insert into cell_words select ${index}, * from (${cellWordsSql(table)})`);
    await writer.insert(
      'row_documents',
      { t: 'INTEGER', row: 'INTEGER', doc: 'INTEGER' },
      documentRows(index, columns, numbers),
    );
    index++;
  }
  await writer.run(
    `insert into record_words select t, word, id, sum(times) from (
       select t, word, id, times from cell_words
       union all
       select r.t, w.word, r.row, w.own from row_documents r join sentence_words w on w.id // ${SENTENCES_A_DOCUMENT} = r.doc where w.own > 0
     ) group by t, word, id order by t, word, id`,
  );
  await writer.run(
    `insert into record_sizes select t, id, sum(times) from record_words where t >= ${first} group by t, id order by t, id`,
  );
}

/**
 * The documents that name a record in its first column. A document about many things says of none
 * of them what its sentences say.
 */
function documentRows(
  t: number,
  columns: readonly SettledColumn[],
  numbers: ReadonlyMap<string, number>,
): readonly object[] {
  const rowsByPath = new Map<string, Set<number>>();
  for (const [at, cell] of (columns[0]?.stated ?? []).entries()) {
    for (const { source } of cell?.support ?? []) {
      const rows = rowsByPath.get(source.path) ?? new Set();
      rowsByPath.set(source.path, rows.add(at + 1));
    }
  }
  return [...rowsByPath].flatMap(([path, rows]) => {
    const doc = numbers.get(path);
    return doc === undefined || rows.size !== 1 ? [] : [...rows].map((row) => ({ t, row, doc }));
  });
}
