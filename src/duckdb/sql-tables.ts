import { isJsonObject, type JsonObject } from '../base/json.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import { openDatabase, type Database } from './database.ts';
import { textOffset } from './failure.ts';
import { quoteIdentifier } from './quote.ts';

/** Why a text is not SQL that a pipeline may hold. */
export interface SqlMistake {
  readonly message: string;
  /** What to write instead. */
  readonly help: string;
  /** In UTF-16 code units from the start of the text. */
  readonly offset?: number;
  /** A column that the table has not; the message says so. */
  readonly column?: string;
}

/** What a condition is about, as far as that is known before there are rows. */
export interface ConditionTable {
  readonly name: string;
  readonly columns: readonly string[];
}

/**
 * Table functions that compute from their arguments alone. Every other one can reach a file, a
 * setting or a table by a name that nobody checked, so it is refused.
 */
const TABLE_FUNCTIONS: ReadonlySet<string> = new Set([
  'generate_series',
  'json_each',
  'json_tree',
  'range',
  'repeat',
  'repeat_row',
  'unnest',
]);

/**
 * The tables that one SELECT statement reads, in lower case and alphabetical order; names of its
 * own `WITH` clauses are not among them.
 *
 * Anything but one SELECT is refused, and so is reading files, other schemas and parameters.
 */
export async function sqlTables(sql: string): Promise<Result<readonly string[], SqlMistake>> {
  const parsed = await parse(sql);
  if (!parsed.ok) return parsed;
  const [statement, another] = parsed.value;
  if (statement === undefined)
    return fail({
      message: 'the SQL is empty',
      help: 'write one SELECT, such as "select * from companies"',
    });
  if (another !== undefined) {
    return fail({
      message: 'there is more than one statement: a step holds one SELECT',
      help: 'put each into a step of its own, and name the one step in the SQL of the other',
    });
  }
  const found: Found = { tables: new Set(), mistakes: [] };
  visit(statement, new Set(), found);
  const [mistake] = found.mistakes;
  if (mistake === undefined) return ok([...found.tables].sort());
  const { message, help, at } = mistake;
  const offset = at === undefined ? undefined : textOffset(sql, at, 'node');
  return fail({ message, help, ...(offset === undefined ? {} : { offset }) });
}

/** For what DuckDB's parser refuses: its own message names the word at which it stopped. */
const SYNTAX_HELP =
  'look at what stands before it: a comma, bracket or quote may be missing, or a name may need "…"';
const CONDITION_HELP = `write it as after WHERE: comparisons joined by "and" or "or", such as employees > 100 and country = 'FR'`;
const SOURCE_HELP =
  'declare it as in "sources: { crm: { file: data/crm.csv } }", and write "from crm"';

const NOT_ONE_CONDITION: SqlMistake = {
  message: 'this is not one condition, such as "employees > 100"',
  help: 'join conditions with "and" or "or"; leave out order by, limit and ";"',
};

/** Stands for the table that a condition is about; no table of a pipeline can have this name. */
const THIS_TABLE = 'this table';

/**
 * What keeps a text from being one condition over the columns of one table, if anything does:
 * a mistake of spelling, a clause after the condition, a table named in a subquery, a column that
 * the table has not, where its columns are known.
 */
export async function conditionMistake(
  condition: string,
  table?: ConditionTable,
): Promise<SqlMistake | undefined> {
  const mistake = await formMistake(condition);
  if (mistake !== undefined || table === undefined) return mistake;
  return columnMistake(condition, table);
}

/**
 * DuckDB looks the names up, so that what is no column (the names of a lambda, a field of a struct)
 * is none here. Of what types it finds wrong nothing is taken: those are not known.
 */
async function columnMistake(
  condition: string,
  { name, columns }: ConditionTable,
): Promise<SqlMistake | undefined> {
  parser ??= openParser();
  const database = await parser;
  const list = columns.map((column) => `NULL AS ${quoteIdentifier(column)}`).join(', ');
  const prefix = `EXPLAIN SELECT 1 FROM (SELECT ${list}) AS ${quoteIdentifier(name)} WHERE (\n`;
  const answer = await database.rows(`${prefix}${condition}\n)`);
  if (answer.ok) return undefined;
  const { message, offset } = answer.error;
  const [, found] = /column (?:named )?"([^"]*)"(?: not found|$)/iu.exec(message) ?? [];
  if (found === undefined) return undefined;
  return {
    message: `"${name}" has no column "${found}"`,
    help: didYouMean(found, columns, 'columns'),
    column: found,
    ...(offset === undefined || offset < prefix.length ? {} : { offset: offset - prefix.length }),
  };
}

async function formMistake(condition: string): Promise<SqlMistake | undefined> {
  const prefix = `SELECT * FROM "${THIS_TABLE}" WHERE\n`;
  const moved = (mistake: SqlMistake): SqlMistake =>
    mistake.offset === undefined
      ? mistake
      : {
          ...mistake,
          offset: Math.min(Math.max(0, mistake.offset - prefix.length), condition.length),
        };
  const [given, plain] = await Promise.all([
    parse(`${prefix}${condition}`),
    parse(`${prefix}true`),
  ]);
  if (!given.ok) {
    // Only what is no SELECT has no place: a statement after the condition.
    return given.error.offset === undefined
      ? NOT_ONE_CONDITION
      : { ...moved(given.error), help: CONDITION_HELP };
  }
  if (!plain.ok) return plain.error;
  const [statement] = given.value;
  if (withoutCondition(given.value) !== withoutCondition(plain.value)) {
    return NOT_ONE_CONDITION;
  }
  const found: Found = { tables: new Set(), mistakes: [] };
  visit(statement, new Set(), found);
  found.tables.delete(THIS_TABLE);
  const [table] = found.tables;
  if (table !== undefined) {
    return {
      message: `a condition is about its own table; it cannot read "${table}"`,
      help: `join "${table}" to it in a SQL step, and read that step`,
    };
  }
  const [mistake] = found.mistakes;
  return mistake === undefined ? undefined : { message: mistake.message, help: mistake.help };
}

function withoutCondition(statements: readonly JsonObject[]): string {
  return JSON.stringify(
    statements.map((statement) => {
      const node = statement['node'];
      return isJsonObject(node)
        ? { ...statement, node: { ...node, where_clause: null } }
        : statement;
    }),
  );
}

let parser: Promise<Database> | undefined;

/** One small database for all parsing of the process: opening one takes longer than parsing. */
async function openParser(): Promise<Database> {
  const opened = await openDatabase({ threads: 1, memoryLimit: '64MB' });
  if (!opened.ok) throw new Error(`DuckDB does not start: ${opened.error.message}`);
  return opened.value;
}

async function parse(sql: string): Promise<Result<readonly JsonObject[], SqlMistake>> {
  parser ??= openParser();
  const database = await parser;
  const answer = await database.rows(
    'SELECT json_serialize_sql($1::VARCHAR, skip_empty := true) AS tree',
    [sql],
  );
  if (!answer.ok) throw new Error(`DuckDB cannot parse: ${answer.error.message}`);
  const tree = answer.value[0]?.['tree'];
  if (!isJsonObject(tree)) throw new Error('DuckDB gave no syntax tree');
  if (tree['error'] !== true) return ok(tree['statements'] as readonly JsonObject[]);
  if (tree['error_type'] === 'not implemented') {
    const [word = ''] = /[A-Za-z]+/u.exec(sql.replace(/--.*$|\/\*[^]*?\*\//gmu, '')) ?? [];
    return fail({
      message: `a step holds one SELECT, not ${word.toUpperCase()}`,
      help: 'write the SELECT whose rows become the table, such as "select * from companies"',
    });
  }
  const kind = textOf(tree['error_type']);
  const offset = textOffset(sql, Number(tree['position'] ?? Number.NaN), kind);
  const message = textOf(tree['error_message']).replace(/\s+/gu, ' ');
  return fail({ message, help: SYNTAX_HELP, ...(offset === undefined ? {} : { offset }) });
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

interface Found {
  readonly tables: Set<string>;
  /** With the byte at which they are. */
  readonly mistakes: {
    readonly message: string;
    readonly help: string;
    readonly at: number | undefined;
  }[];
}

/** Walks a syntax tree; `named` are the names of the `WITH` clauses that can be seen from here. */
function visit(node: unknown, named: ReadonlySet<string>, found: Found): void {
  if (Array.isArray(node)) {
    for (const item of node) visit(item, named, found);
    return;
  }
  if (!isJsonObject(node)) return;
  look(node, named, found);
  let inside = named;
  if (node['type'] === 'RECURSIVE_CTE_NODE') inside = withName(inside, node['cte_name']);
  const clauses = isJsonObject(node['cte_map']) ? node['cte_map']['map'] : undefined;
  if (Array.isArray(clauses)) {
    // A clause sees those before it, and itself only when it is recursive.
    for (const clause of clauses as readonly JsonObject[]) {
      visit(clause['value'], inside, found);
      inside = withName(inside, clause['key']);
    }
  }
  for (const [name, child] of Object.entries(node)) {
    if (name !== 'cte_map') visit(child, inside, found);
  }
}

const withName = (names: ReadonlySet<string>, name: unknown): ReadonlySet<string> =>
  new Set([...names, textOf(name).toLowerCase()]);

function look(node: JsonObject, named: ReadonlySet<string>, found: Found): void {
  const refuse = (message: string, help: string): void => {
    const at = node['query_location'];
    found.mistakes.push({ message, help, at: Number.isSafeInteger(at) ? Number(at) : undefined });
  };
  switch (textOf(node['type'])) {
    case 'BASE_TABLE': {
      const name = textOf(node['table_name']);
      const schema = [node['catalog_name'], node['schema_name']]
        .map(textOf)
        .filter(Boolean)
        .join('.');
      if (schema !== '') {
        refuse(
          `tables have no schema here: write ${name}, not ${schema}.${name}`,
          'name sources and steps of this pipeline; a table of another database comes in as a source',
        );
      } else if (/[./\\:*?]/u.test(name)) {
        refuse(
          `SQL cannot read the file "${name}": name it under "sources" and use its name`,
          SOURCE_HELP,
        );
      } else if (!named.has(name.toLowerCase())) {
        found.tables.add(name.toLowerCase());
      }
      break;
    }
    case 'TABLE_FUNCTION': {
      const call = node['function'];
      const name = isJsonObject(call) ? textOf(call['function_name']) : '';
      if (TABLE_FUNCTIONS.has(name.toLowerCase())) break;
      if (/^(read_|parquet_|sniff_|glob$)/u.test(name)) {
        const message = `SQL cannot read files (${name}): name them under "sources" and use their names`;
        refuse(message, SOURCE_HELP);
      } else {
        const help = didYouMean(name, [...TABLE_FUNCTIONS], 'table functions');
        refuse(`the table function ${name} is not available`, help);
      }
      break;
    }
    case 'SHOW_REF':
      refuse(
        'SHOW, DESCRIBE and SUMMARIZE are not available: a step holds one SELECT',
        'count and group in its place: select country, count(*) from companies group by country',
      );
      break;
    case 'VALUE_PARAMETER':
      refuse('parameters ($1, ?) have no value here', 'write the value itself into the SQL');
      break;
    default:
  }
}
