import { unreachable } from '../base/result.ts';
import { openDatabase, type Database } from '../duckdb/database.ts';
import { quoteIdentifier, quoteLiteral } from '../duckdb/quote.ts';
import type { Step, TableTest } from '../pipeline/pipeline.ts';
import { OutputProblem, sqlValue } from './output-problem.ts';
import { tableNames, tablePath } from './read-table.ts';

/** A test that a step's table does not pass. */
export interface TestViolation {
  readonly step: string;
  readonly test: TableTest;
  /** Rows against it; null where it could not be tried, such as for a column that is not there. */
  readonly rows: number | null;
  /** Up to three of them, by key, else by number (`row 12`); for `unique` the values met again. */
  readonly samples: readonly string[];
  /** One phrase, for a person. */
  readonly message: string;
}

/** Tries the tests of steps on the tables that are in place. Empty when all pass. */
export async function runTableTests(options: {
  readonly outFolder: string;
  readonly pipeline: string;
  readonly steps: readonly Pick<Step, 'name' | 'tests'>[];
}): Promise<readonly TestViolation[]> {
  const { outFolder, pipeline } = options;
  const steps = options.steps.filter(({ tests }) => tests.length > 0);
  if (steps.length === 0) return [];
  const present = new Set(await tableNames(outFolder, pipeline));
  const names = [...present].filter((name) => !name.startsWith('_'));
  const pathOf = (name: string): string => tablePath(outFolder, pipeline, name);
  const opened = await openDatabase({ files: names.map(pathOf) });
  if (!opened.ok) {
    const { message } = opened.error;
    return steps.flatMap(({ name, tests }) =>
      tests.map((test) => ({ step: name, test, rows: null, samples: [], message })),
    );
  }
  const database = opened.value;
  try {
    for (const name of names) await database.run(viewOf(name, pathOf(name)));
    const violations: TestViolation[] = [];
    for (const { name, tests } of steps) {
      for (const test of tests) {
        const of = present.has(name)
          ? await tryTest(database, name, test)
          : [{ rows: null, samples: [], message: 'there is no table to test' }];
        violations.push(...of.map((violation) => ({ step: name, test, ...violation })));
      }
    }
    return violations;
  } finally {
    await database.close();
  }
}

/** Rows carry their number, so that one without a key can be named. */
const viewOf = (name: string, path: string): string =>
  `CREATE VIEW ${quoteIdentifier(name)} AS SELECT *, row_number() OVER () AS _row FROM read_parquet(${quoteLiteral(path)})`;

type Violation = Omit<TestViolation, 'step' | 'test'>;

async function tryTest(
  database: Database,
  step: string,
  test: TableTest,
): Promise<readonly Violation[]> {
  try {
    return await violations(database, quoteIdentifier(step), test);
  } catch (error) {
    if (!(error instanceof OutputProblem)) throw error;
    return [{ rows: null, samples: [], message: error.message }];
  }
}

async function violations(
  database: Database,
  table: string,
  test: TableTest,
): Promise<readonly Violation[]> {
  switch (test.kind) {
    case 'not-null': {
      const found: Violation[] = [];
      for (const column of test.columns) {
        const condition = `${quoteIdentifier(column)} IS NOT NULL`;
        found.push(...(await rowsAgainst(database, table, condition, `${column} is null`)));
      }
      return found;
    }
    case 'unique':
      return repeatedValues(database, table, test.columns);
    case 'row-count':
      return rowCount(database, table, test);
    case 'every-row':
      return rowsAgainst(database, table, test.condition, `not true: ${test.condition}`);
    default:
      return unreachable(test);
  }
}

/** A condition that is null is not met. */
async function rowsAgainst(
  database: Database,
  table: string,
  condition: string,
  message: string,
): Promise<readonly Violation[]> {
  const found = sqlValue(
    await database.rows(
      `WITH against AS (SELECT _row, _key FROM ${table} WHERE (${condition}\n) IS NOT TRUE)
      SELECT (SELECT count(*) FROM against) AS n, coalesce(_key, 'row ' || _row) AS sample
      FROM against ORDER BY _row LIMIT 3`,
    ),
  );
  return violationOf(found, message);
}

/** As in SQL, rows in which one of the columns is null are equal to no other row. */
async function repeatedValues(
  database: Database,
  table: string,
  columns: readonly string[],
): Promise<readonly Violation[]> {
  const list = columns.map(quoteIdentifier);
  const shown = list.map((column) => `${column}::VARCHAR`).join(', ');
  const found = sqlValue(
    await database.rows(
      `WITH groups AS (
        SELECT concat_ws(', ', ${shown}) AS sample, count(*) - 1 AS surplus, min(_row) AS first
        FROM ${table} WHERE ${list.map((column) => `${column} IS NOT NULL`).join(' AND ')}
        GROUP BY ${list.join(', ')} HAVING count(*) > 1)
      SELECT (SELECT sum(surplus) FROM groups)::BIGINT AS n, sample
      FROM groups ORDER BY first LIMIT 3`,
    ),
  );
  return violationOf(found, `${columns.join(', ')} not unique`);
}

function violationOf(
  found: readonly { readonly [column: string]: unknown }[],
  message: string,
): readonly Violation[] {
  const [first] = found;
  if (first === undefined) return [];
  const rows = first['n'] as number;
  const samples = found.map((row) => row['sample'] as string);
  return [{ rows, samples, message: `${message} in ${rows} ${rows === 1 ? 'row' : 'rows'}` }];
}

async function rowCount(
  database: Database,
  table: string,
  { minimum, maximum }: TableTest & { readonly kind: 'row-count' },
): Promise<readonly Violation[]> {
  const [counted] = sqlValue(await database.rows(`SELECT count(*) AS n FROM ${table}`));
  const rows = counted?.['n'] as number;
  if (rows >= minimum && (maximum === undefined || rows <= maximum)) return [];
  const wanted =
    maximum === undefined ? `at least ${minimum}` : `between ${minimum} and ${maximum}`;
  const message = `${rows} ${rows === 1 ? 'row' : 'rows'}, expected ${wanted}`;
  return [{ rows, samples: [], message }];
}
