import type { Corpus } from '../corpus/corpus.ts';
import type { Column, CorpusRecord, Table } from '../corpus/table.ts';
import type { SqlParameter } from '../../../duckdb/database.ts';
import { compileCondition, compileOrder, measureOf } from '../query/compile.ts';
import type { Condition, Order } from '../query/reading.ts';

export interface Selection {
  readonly table: Table;
  readonly conditions: readonly Condition[];
  readonly order: Order | undefined;
  readonly limit: number;
  /** Only these rows, when given: a follow-up narrows what it was given before. */
  readonly among: readonly number[] | undefined;
  /** Their order, where the columns say none: the best fit first. */
  readonly ranked: readonly number[] | undefined;
  /** Never these rows: a follow-up asks for others. */
  readonly without: readonly number[];
}

export interface Selected {
  readonly records: readonly CorpusRecord[];
  readonly excluded: number;
  /** Records that surely meet all conditions, excluded ones too. */
  readonly matching: number;
  readonly unknown: readonly { readonly column: string; readonly records: number }[];
}

const PAGE = 500;

/**
 * The records that surely meet all conditions, in order, until `limit` of them are not excluded.
 * Records for which a condition is unknown are left out and counted.
 */
export async function selectRecords(
  corpus: Corpus,
  selection: Selection,
  isExcluded: (record: CorpusRecord) => boolean,
  signal: AbortSignal,
): Promise<Selected> {
  const { where, parameters, parts } = whereOf(selection);
  const { ranked } = selection;
  const orderBy =
    ranked === undefined
      ? compileOrder(selection.table, selection.order)
      : `list_position([${ranked.map(String).join(', ')}], row)`;
  const records: CorpusRecord[] = [];
  let excluded = 0;
  for (let offset = 0; ; offset += PAGE) {
    signal.throwIfAborted();
    const rows = await corpus.rowNumbers({
      table: selection.table,
      where,
      parameters,
      orderBy,
      limit: PAGE,
      offset,
    });
    for (const record of await corpus.read(selection.table, rows)) {
      if (isExcluded(record)) excluded++;
      else if (records.length < selection.limit) records.push(record);
      if (records.length >= selection.limit) break;
    }
    if (rows.length < PAGE || records.length >= selection.limit) break;
  }
  const counts = await countMatching(corpus, selection.table, where, parts, parameters);
  return { records, excluded, ...counts };
}

interface Part {
  readonly column: Column | undefined;
  readonly sql: string;
}

function whereOf({ conditions, order, among, without }: Selection): {
  readonly where: string;
  readonly parameters: readonly SqlParameter[];
  readonly parts: readonly Part[];
} {
  const parameters: SqlParameter[] = [];
  const parts: Part[] = [];
  for (const condition of conditions) {
    const compiled = compileCondition(condition, parameters.length);
    parameters.push(...compiled.parameters);
    parts.push({ column: condition.column, sql: compiled.sql });
  }
  if (order?.ranking === true) {
    const known = `${measureOf(order.column)} is not null`;
    parts.push({ column: order.column, sql: `(case when ${known} then true end)` });
  }
  const rows = (list: readonly number[]): string => list.map(String).join(', ');
  if (among !== undefined) {
    parts.push({
      column: undefined,
      sql: among.length === 0 ? 'false' : `(row in (${rows(among)}))`,
    });
  }
  if (without.length > 0) parts.push({ column: undefined, sql: `(row not in (${rows(without)}))` });
  const where = parts.length === 0 ? 'true' : parts.map(({ sql }) => sql).join(' and ');
  return { where, parameters, parts };
}

/** Records that meet all conditions; and by column those that may, but do not say. */
async function countMatching(
  corpus: Corpus,
  table: Table,
  where: string,
  parts: readonly Part[],
  parameters: readonly SqlParameter[],
): Promise<Pick<Selected, 'matching' | 'unknown'>> {
  const maybe = parts.map(({ sql }) => `coalesce(${sql}, true)`).join(' and ');
  const [matching = 0, ...counts] = await corpus.counts(
    table,
    [where, ...parts.map(({ sql }) => `${sql} is null and ${maybe}`)],
    parameters,
  );
  const byColumn = new Map<string, number>();
  for (const [at, { column }] of parts.entries()) {
    const count = counts[at] ?? 0;
    if (column !== undefined && count > 0) {
      byColumn.set(column.name, Math.max(byColumn.get(column.name) ?? 0, count));
    }
  }
  const unknown = [...byColumn].map(([column, records]) => ({ column, records }));
  return { matching, unknown };
}
