import type { Json, JsonObject } from '../base/json.ts';
import type { Database, RowStream } from '../duckdb/database.ts';
import { openDatabase, SqlError } from '../duckdb/database.ts';
import { escapePattern, quoteIdentifier, quoteLiteral } from '../duckdb/quote.ts';
import type { SqlFailure } from '../duckdb/failure.ts';
import { ok, type Result } from '../base/result.ts';
import type { ColumnType } from '../execution/ports.ts';
import type { Source } from '../pipeline/pipeline.ts';
import { looksSecret } from './source-bytes.ts';
import type { Inspection, SourceLimits } from './source-inspection.ts';
import { KeyCheck } from './source-keys.ts';
import { parseTableName, tableNameText } from './table-name.ts';
import { checkNames, hasKeyColumns } from './source-names.ts';
import { excerpt, LONG_CELL_HELP, NUL_HELP, Rows, type SourceReport } from './source-report.ts';

/** The name under which a DuckDB file is attached. */
const ATTACHED = 'source';
const MAX_CELL = 64 * 1024;

/** Catches every text that can hold a secret; {@link looksSecret} then looks closely. */
const SECRET_HINT = 'sk-|exa_|gh[pousr]_|github_pat_|glpat-|AKIA|AIza|xox|k_live_|npm_|PRIVATE KEY';

/** A database that can read one source's file and nothing else. */
export const openSource = (source: Source, memory: string): Promise<Result<Database, SqlFailure>> =>
  openDatabase({
    memoryLimit: memory,
    ...(source.format === 'duckdb'
      ? { attach: { path: source.path, as: ATTACHED } }
      : { files: [source.path] }),
  });

/** A Parquet file or a table of an attached DuckDB file, in a FROM clause. */
export function binaryTable(source: Source, attachedAs: string = ATTACHED): string {
  if (source.format === 'parquet') return `read_parquet(${pathLiteral(source.path)})`;
  const text = source.table ?? '';
  const { schema, table } = parseTableName(text) ?? { schema: 'main', table: text };
  return [attachedAs, schema, table].map(quoteIdentifier).join('.');
}

/** The path of a source for functions such as `read_csv`. */
export const pathLiteral = (path: string): string => quoteLiteral(escapePattern(path));

/** Columns of a FROM item, without reading its rows. */
async function columnsOf(
  database: Database,
  from: string,
): Promise<Result<readonly ColumnType[], SqlFailure>> {
  const stream = await database.stream(`SELECT * FROM ${from} LIMIT 0`);
  if (!stream.ok) return stream;
  for await (const _ of stream.value.rows);
  return ok(stream.value.columns);
}

/** Reads a Parquet file or a DuckDB table through once and reports what is wrong with it. */
export async function inspectTable(
  source: Source,
  limits: SourceLimits,
  report: SourceReport,
): Promise<Inspection | undefined> {
  const opened = await openSource(source, limits.memory);
  if (!opened.ok) {
    report.error(
      'E-R90',
      `DuckDB cannot open the file: ${opened.error.message}`,
      {},
      openHelp(opened.error),
    );
    return undefined;
  }
  const database = opened.value;
  try {
    const columns = await columnsOf(database, binaryTable(source));
    if (!columns.ok) {
      await reportUnreadable(database, source, columns.error, report);
      return undefined;
    }
    checkNames(
      columns.value.map((column) => column.name),
      report,
    );
    await new TableCheck(database, source, columns.value, report).run(limits);
    return {
      columns: columns.value,
      sqlTypes: columns.value.map((column) => column.type),
      structure: null,
    };
  } catch (error) {
    // Pages that are damaged show only when they are read.
    if (!(error instanceof SqlError) || OURS.has(error.failure.kind)) throw error;
    report.error('E-R90', `DuckDB cannot read the file: ${error.message}`, {}, DAMAGED_HELP);
    return undefined;
  } finally {
    await database.close();
  }
}

/** Kinds of mistakes in a statement: those are ours. */
const OURS: ReadonlySet<string> = new Set(['Parser', 'Binder', 'Catalog', 'Unknown']);

const DAMAGED_HELP =
  'write or copy the file again: it is damaged, incomplete, or of another version of DuckDB';

const openHelp = (failure: SqlFailure): string =>
  /lock/iu.test(failure.message)
    ? 'another process holds the file: end it, or let it open the file read-only'
    : DAMAGED_HELP;

async function reportUnreadable(
  database: Database,
  source: Source,
  failure: SqlFailure,
  report: SourceReport,
): Promise<void> {
  if (failure.kind !== 'Catalog') {
    report.error('E-R90', `DuckDB cannot read the file: ${failure.message}`, {}, DAMAGED_HELP);
    return;
  }
  const names = await tableNames(database);
  const wanted = excerpt(source.table ?? '');
  const name = parseTableName(source.table ?? '');
  if (name !== undefined && names.includes(tableNameText(name))) {
    const help = 'name a table in its place, or write the view without the name of its database';
    report.error('E-R90', `DuckDB cannot read "${wanted}": ${failure.message}`, {}, help);
    return;
  }
  const listed = names.map(yamlText).join(', ');
  const help = names.length === 0 ? 'the file has no tables' : `tables: ${listed}`;
  report.error('E-R88', `the file has no table "${wanted}"`, {}, help);
}

/** As it is written in a pipeline file, where quotes at the start are YAML's own. */
const yamlText = (name: string): string =>
  name.includes('"') ? `'${name.replaceAll("'", "''")}'` : name;

/** Tables and views of the attached file, as "table" names them. */
async function tableNames(database: Database): Promise<readonly string[]> {
  const rows = await database.rows(
    `SELECT schema_name, name FROM (
       SELECT schema_name, table_name AS name FROM duckdb_tables()
       WHERE database_name = ${quoteLiteral(ATTACHED)}
       UNION ALL SELECT schema_name, view_name FROM duckdb_views()
       WHERE database_name = ${quoteLiteral(ATTACHED)} AND NOT internal
     ) ORDER BY schema_name <> 'main', schema_name, name`,
  );
  return rows.ok
    ? rows.value.map((row) =>
        tableNameText({ schema: row['schema_name'] as string, table: row['name'] as string }),
      )
    : [];
}

class TableCheck {
  readonly #database: Database;
  readonly #source: Source;
  readonly #columns: readonly ColumnType[];
  readonly #report: SourceReport;
  readonly #from: string;

  constructor(
    database: Database,
    source: Source,
    columns: readonly ColumnType[],
    report: SourceReport,
  ) {
    this.#database = database;
    this.#source = source;
    this.#columns = columns;
    this.#report = report;
    this.#from = binaryTable(source);
  }

  async run(limits: SourceLimits): Promise<void> {
    const counted = await this.#one(`SELECT count(*) AS n FROM ${this.#from}`);
    const rows = Number(counted['n'] ?? 0);
    if (rows > limits.rows) {
      const message = `there are ${rows.toLocaleString('en-US')} rows; the limit is ${limits.rows.toLocaleString('en-US')}`;
      const help = 'raise the limit with --max-rows if so many are meant';
      this.#report.error('E-R89', message, {}, help);
      return;
    }
    if (rows === 0) {
      const help = 'fill it, or leave the steps out that read it';
      this.#report.warning('E-R88', 'the table has no rows', {}, help);
    }
    await this.#texts();
    await this.#keys();
  }

  /** Texts are looked at by DuckDB; only rows with something odd come across. */
  async #texts(): Promise<void> {
    const texts = this.#columns.filter((column) => column.type === 'VARCHAR');
    if (texts.length === 0) return;
    const cells = texts.map(({ name }, i) => `${quoteIdentifier(name)} AS c${i}`).join(', ');
    const conditions = texts.map(
      (_, i) =>
        `strlen(c${i}) > ${MAX_CELL} OR contains(c${i}, chr(0)) OR regexp_matches(c${i}, ${quoteLiteral(SECRET_HINT)})`,
    );
    const numbered = `SELECT row_number() OVER () AS row, ${cells} FROM ${this.#from}`;
    const stream = await this.#stream(
      `SELECT * FROM (${numbered}) WHERE ${conditions.join(' OR ')}`,
    );
    const [long, nul, secret] = [new Rows(), new Rows(), new Rows()];
    for await (const rows of stream.rows) {
      for (const row of rows) {
        const number = Number(row['row']);
        const odd = texts.map((_, i) => row[`c${i}`]).filter((cell) => typeof cell === 'string');
        if (odd.some((cell) => Buffer.byteLength(cell) > MAX_CELL)) long.add(number, undefined);
        if (odd.some((cell) => cell.includes('\0'))) nul.add(number, undefined);
        if (odd.some(looksSecret)) secret.add(number, undefined);
      }
    }
    if (long.count > 0) {
      const message = `a cell in ${String(long)} is over 64 KB`;
      this.#report.error('E-R105', message, {}, LONG_CELL_HELP);
    }
    if (nul.count > 0) {
      this.#report.error('E-R101', `there is a NUL character in ${String(nul)}`, {}, NUL_HELP);
    }
    if (secret.count > 0) {
      const help = 'rows are sent to the agent: remove it, and replace the key at its provider';
      this.#report.warning(
        'E-R104',
        `${String(secret)} may hold an API key or a private key`,
        {},
        help,
      );
    }
  }

  async #keys(): Promise<void> {
    const key = this.#source.key ?? [];
    const names = this.#columns.map((column) => column.name);
    if (key.length === 0 || !hasKeyColumns(key, names, this.#report)) return;
    const check = new KeyCheck(key);
    const sql = `SELECT ${key.map(quoteIdentifier).join(', ')} FROM ${this.#from}`;
    await this.#eachKey(sql, key, (keyed) => check.add(keyed));
    if (check.needsSecondReading) await this.#eachKey(sql, key, (keyed) => check.addAgain(keyed));
    check.report(this.#report);
  }

  async #eachKey(
    sql: string,
    key: readonly string[],
    take: (keyed: { row: number; line: undefined; values: (Json | undefined)[] }) => void,
  ): Promise<void> {
    let row = 0;
    for await (const rows of (await this.#stream(sql)).rows) {
      for (const values of rows) {
        row += 1;
        take({ row, line: undefined, values: key.map((name) => values[name]) });
      }
    }
  }

  async #stream(sql: string): Promise<RowStream> {
    const stream = await this.#database.stream(sql);
    if (!stream.ok) throw new SqlError(stream.error);
    return stream.value;
  }

  async #one(sql: string): Promise<JsonObject> {
    const rows = await this.#database.rows(sql);
    if (!rows.ok) throw new SqlError(rows.error);
    return rows.value[0] ?? {};
  }
}
