import type { SqlParameter } from '../../../duckdb/database.ts';
import type { Column, Table } from '../corpus/table.ts';
import type { Condition, Order } from './reading.ts';

/** A condition as SQL; its parameters are numbered from the place it was compiled for. */
export interface Compiled {
  /** True, false, or null where the record does not say. */
  readonly sql: string;
  readonly parameters: readonly SqlParameter[];
}

/** Compiles a condition over the columns of the table; `from` is the number of parameters so far. */
export function compileCondition(condition: Condition, from: number): Compiled {
  const i = condition.column.index;
  switch (condition.kind) {
    case 'compare': {
      const { version, operator, value } = condition;
      // Parts are whole numbers, so they may stand in the SQL.
      return version === undefined
        ? { sql: `(${measureOf(condition.column)} ${operator} $${from + 1})`, parameters: [value] }
        : {
            sql: `(${measureOf(condition.column)} ${operator} [${version.map(String).join(', ')}])`,
            parameters: [],
          };
    }
    case 'flag':
      return { sql: `(b${i} = $${from + 1})`, parameters: [condition.value] };
    case 'known':
      return { sql: `(t${i} is ${condition.known ? 'not ' : ''}null)`, parameters: [] };
    case 'in':
      return compileIn(condition, from);
    case 'period':
      return compilePeriod(condition, from);
  }
}

function compileIn(condition: Condition & { readonly kind: 'in' }, from: number): Compiled {
  const { column, values, negated, every } = condition;
  const marks = values.map((_, at) => `$${from + at + 1}`).join(', ');
  const not = negated ? 'not ' : '';
  const sql =
    column.kind === 'list'
      ? `(${not}list_has_${every ? 'all' : 'any'}(l${column.index}, [${marks}]))`
      : `(t${column.index} ${not}in (${marks}))`;
  return { sql, parameters: values };
}

function compilePeriod(condition: Condition & { readonly kind: 'period' }, from: number): Compiled {
  const { column, start, end, negated } = condition;
  const parameters: SqlParameter[] = [];
  const parts: string[] = [];
  const push = (value: SqlParameter): string => {
    parameters.push(value);
    return `$${from + parameters.length}`;
  };
  if (column.kind === 'year') {
    // A year lies before a day, after it, or around it: then the record does not say.
    if (start !== undefined) parts.push(fromYear(column.index, start, push));
    if (end !== undefined) parts.push(`(not ${fromYear(column.index, end, push)})`);
  } else {
    const [first, after] = [`d${column.index}`, `e${column.index}`];
    const onOrAfter = (day: string): string => {
      const mark = `cast(${push(day)} as date)`;
      return `(case when ${first} >= ${mark} then true when ${after} <= ${mark} then false end)`;
    };
    if (start !== undefined) parts.push(onOrAfter(start));
    if (end !== undefined) parts.push(`(not ${onOrAfter(end)})`);
  }
  const sql = parts.length === 0 ? 'true' : parts.join(' and ');
  return { sql: `(${negated ? 'not ' : ''}(${sql}))`, parameters };
}

function fromYear(index: number, day: string, push: (value: SqlParameter) => string): string {
  const year = Number(/^-?\d+/u.exec(day)?.[0] ?? 0);
  const mark = `cast(${push(year)} as double)`;
  return day.endsWith('-01-01')
    ? `(n${index} >= ${mark})`
    : `(case when n${index} > ${mark} then true when n${index} < ${mark} then false end)`;
}

/** Rows are in one order only: by the column asked for, then by name, then as in the file. */
export function compileOrder(table: Table, order: Order | undefined): string {
  const parts: string[] = [];
  if (order !== undefined) {
    const direction = order.descending ? 'desc' : 'asc';
    parts.push(`${sortKey(order.column)} ${direction} nulls last`);
    const { label } = table;
    if (label !== undefined && label !== order.column) parts.push(`t${label.index} nulls last`);
  }
  return [...parts, 'row'].join(', ');
}

function sortKey(column: Column): string {
  switch (column.kind) {
    case 'boolean':
      return `b${column.index}`;
    case 'other':
      return `lower(t${column.index})`;
    case 'text':
      return isVersion(column) ? measureOf(column) : `lower(t${column.index})`;
    case 'number':
    case 'year':
    case 'date':
    case 'list':
      return measureOf(column);
  }
}

/** What of a column is ranked and compared; null where a record does not say. */
export function measureOf({ kind, index }: Column): string {
  switch (kind) {
    case 'date':
      return `d${index}`;
    case 'list':
      return `len(l${index})`;
    case 'text':
      return versionParts(`t${index}`);
    case 'number':
    case 'year':
    case 'boolean':
    case 'other':
      return `n${index}`;
  }
}

/** `[1, 10]` of `v1.10-beta`, so that it comes after `1.9`. */
const versionParts = (text: string): string =>
  `(case when regexp_matches(${text}, '^[vV]?\\d') then list_transform(string_split(regexp_extract(${text}, '^[vV]?(\\d{1,15}(?:\\.\\d{1,15})*)', 1), '.'), x -> cast(x as bigint)) end)`;

/** A text column of version numbers: `18.17.1` is no number, but later than `18.9`. */
export const isVersion = ({ kind, words }: Column): boolean =>
  kind === 'text' && words.includes('version');
