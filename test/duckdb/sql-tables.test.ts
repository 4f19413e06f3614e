import { describe, expect, test } from 'vitest';
import { conditionMistake, sqlTables } from '../../src/duckdb/sql-tables.ts';

describe('The tables of a query are', () => {
  const cases: readonly [sql: string, tables: readonly string[]][] = [
    ['SELECT 1', []],
    ['VALUES (1)', []],
    ['FROM companies', ['companies']],
    ['TABLE companies;', ['companies']],
    [
      'SELECT c.name FROM companies c JOIN people p ON p.company = c.name LEFT JOIN profiles f USING (domain)',
      ['companies', 'people', 'profiles'],
    ],
    ['FROM a, b, c', ['a', 'b', 'c']],
    [
      'FROM a POSITIONAL JOIN b SEMI JOIN c USING (x) ASOF JOIN d ON a.t >= d.t',
      ['a', 'b', 'c', 'd'],
    ],
    ['FROM a UNION ALL BY NAME FROM b EXCEPT FROM c', ['a', 'b', 'c']],
    ['FROM a WHERE x IN (SELECT x FROM b) AND EXISTS (FROM c WHERE c.x = a.x)', ['a', 'b', 'c']],
    ['SELECT (SELECT max(x) FROM b), list_transform([1], x -> x) FROM a', ['a', 'b']],
    ['SELECT * FROM (SELECT * FROM (FROM deep))', ['deep']],
    ['FROM a QUALIFY row_number() OVER (ORDER BY (SELECT 1 FROM b)) = 1', ['a', 'b']],
    ['FROM a, LATERAL (SELECT * FROM b WHERE b.x = a.x)', ['a', 'b']],
    ['FROM (PIVOT a ON k IN (1, 2) USING sum(v))', ['a']],
    ['FROM range(3), generate_series(1, 2), unnest([1]), a', ['a']],
    ['SELECT unnest(tags) FROM a', ['a']],
    ['SELECT * FROM "Companies", COMPANIES', ['companies']],
    ['FROM "odd name"', ['odd name']],
    ['SELECT \'FROM b\' AS "FROM c" FROM a -- FROM d\n /* FROM e */', ['a']],
    ['WITH w AS (FROM a) FROM w', ['a']],
    ['WITH w AS (FROM a) FROM W, b', ['a', 'b']],
    ['WITH v AS (FROM a), w AS (FROM v) FROM w', ['a']],
    ['WITH w AS (FROM v), v AS (FROM a) FROM w', ['a', 'v']],
    ['WITH w AS (FROM w) FROM w', ['w']],
    [
      'WITH RECURSIVE w AS (SELECT 1 AS n FROM a UNION ALL SELECT n + 1 FROM w, b WHERE n < 3) FROM w',
      ['a', 'b'],
    ],
    ['FROM (WITH w AS (FROM a) FROM w), w', ['a', 'w']],
    ['WITH w AS (FROM a) SELECT (SELECT count(*) FROM w) FROM b WHERE x IN (FROM w)', ['a', 'b']],
    ['WITH w AS MATERIALIZED (FROM a) FROM w UNION FROM w', ['a']],
  ];

  test.each(cases)('%s', async (sql, tables) => {
    expect(await sqlTables(sql)).toEqual({ ok: true, value: tables });
  });
});

describe('A query is refused when it', () => {
  const files = 'name them under "sources" and use their names';
  const one = 'a step holds one SELECT';
  const cases: readonly [what: string, sql: string, message: string, offset?: number][] = [
    ['is empty', ' -- nothing\n', 'the SQL is empty'],
    ['cannot be parsed', 'SELECT a FORM b c d', 'syntax error at or near "b"', 14],
    [
      'cannot be parsed after odd characters',
      "SELECT '😀é' FROM a b c",
      'syntax error at or near "c"',
      22,
    ],
    ['is two statements', 'SELECT 1; SELECT 2', `there is more than one statement: ${one}`],
    ['copies', "COPY (SELECT 1) TO 'x.csv'", `${one}, not COPY`],
    ['attaches', "/* a */ ATTACH 'x.db'", `${one}, not ATTACH`],
    ['installs', '-- a\nINSTALL httpfs', `${one}, not INSTALL`],
    ['loads', 'LOAD httpfs', `${one}, not LOAD`],
    ['sets', 'SET threads = 1', `${one}, not SET`],
    ['creates', 'CREATE TABLE a AS SELECT 1', `${one}, not CREATE`],
    ['drops', 'DROP TABLE a', `${one}, not DROP`],
    ['inserts', 'INSERT INTO a VALUES (1)', `${one}, not INSERT`],
    ['deletes', 'DELETE FROM a', `${one}, not DELETE`],
    ['updates', 'UPDATE a SET b = 1', `${one}, not UPDATE`],
    ['is a pragma', 'PRAGMA database_list', `${one}, not PRAGMA`],
    ['explains', 'EXPLAIN SELECT 1', `${one}, not EXPLAIN`],
    ['calls', 'CALL pragma_version()', `${one}, not CALL`],
    ['shows tables', 'SHOW TABLES', `SHOW, DESCRIBE and SUMMARIZE are not available: ${one}`],
    ['describes', 'DESCRIBE a', `SHOW, DESCRIBE and SUMMARIZE are not available: ${one}`],
    [
      'reads CSV',
      "SELECT * FROM read_csv('x.csv')",
      `SQL cannot read files (read_csv): ${files}`,
      14,
    ],
    [
      'reads JSON deep inside',
      "WITH w AS (SELECT 'é', (SELECT 1 FROM read_json('x'))) FROM w",
      `SQL cannot read files (read_json): ${files}`,
      38,
    ],
    ['lists files', "FROM glob('*')", `SQL cannot read files (glob): ${files}`, 5],
    [
      'names a file',
      "FROM a, 'data/x.csv'",
      'SQL cannot read the file "data/x.csv": name it under "sources" and use its name',
      8,
    ],
    [
      'names a file in double quotes',
      'FROM "x.parquet"',
      'SQL cannot read the file "x.parquet": name it under "sources" and use its name',
      5,
    ],
    ['queries a text', "FROM query('SELECT 1')", 'the table function query is not available', 5],
    [
      'queries a name',
      "FROM query_table('a')",
      'the table function query_table is not available',
      5,
    ],
    [
      'looks at settings',
      'FROM duckdb_settings()',
      'the table function duckdb_settings is not available',
      5,
    ],
    ['names a schema', 'FROM main.a', 'tables have no schema here: write a, not main.a', 5],
    [
      'names a catalog',
      'FROM information_schema.tables',
      'tables have no schema here: write tables, not information_schema.tables',
      5,
    ],
    ['names a database', 'FROM x.main.a', 'tables have no schema here: write a, not x.main.a', 5],
    ['has parameters', 'SELECT $1', 'parameters ($1, ?) have no value here'],
  ];

  test.each(cases)('%s', async (_, sql, message, offset) => {
    const said = { message, help: expect.stringMatching(/[^.]$/u) as string };
    const error = offset === undefined ? said : { ...said, offset };
    expect(await sqlTables(sql)).toEqual({ ok: false, error });
  });
});

describe('A condition', () => {
  test.each([
    'employees > 100',
    "round = 'Series B' AND name ILIKE '%a%' -- and so on",
    'list_contains(tags, 1) OR size BETWEEN 1 AND 2',
    "x IN ('a', 'b') AND NOT (y IS NULL)",
    'len(list_filter(tags, lambda t: t > 1)) > 0',
  ])('may be %s', async (condition) => {
    expect(await conditionMistake(condition)).toBeUndefined();
  });

  const table = { name: 'makers', columns: ['name', 'employees', 'place', '_key'] };

  test.each([
    'employees > 3 and NAME = makers.name',
    "place.city = 'Ulm' and _key is not null",
    'len(list_filter(place, lambda p: p > 1)) > 0',
    'employees + name > no_such_function(place)',
  ])('of known columns may be %s', async (condition) => {
    expect(await conditionMistake(condition, table)).toBeUndefined();
  });

  test.each([
    ['nam > 3', 'nam', 0],
    ["name = 'é' and makers.employes > 3", 'employes', 15],
    ["lower(nmae) like 'a%'", 'nmae', 6],
  ])('of known columns cannot be %s', async (condition, column, offset) => {
    expect(await conditionMistake(condition, table)).toMatchObject({ column, offset });
  });

  const one = 'this is not one condition, such as "employees > 100"';
  test.each([
    ['', 'syntax error at end of input', 0],
    ['a >', 'syntax error at end of input', 3],
    ['é = = 1', 'syntax error at or near "="', 4],
    ['a > 1) OR (b > 2', 'syntax error at or near ")"', 5],
    ['a = 1) UNION (SELECT 1', 'syntax error at or near ")"', 5],
    ['a = 1 ORDER BY a', one, undefined],
    ['a = 1 LIMIT 1', one, undefined],
    ['a = 1 GROUP BY a', one, undefined],
    ['a = 1 UNION SELECT 1', one, undefined],
    ['a = 1; SELECT 1', one, undefined],
    ['a = 1; DROP TABLE x', one, undefined],
    ['a = ?', one, undefined],
    ['a IN (SELECT a FROM b)', 'a condition is about its own table; it cannot read "b"', undefined],
    [
      "EXISTS (FROM read_csv('x'))",
      'SQL cannot read files (read_csv): name them under "sources" and use their names',
      undefined,
    ],
  ])('cannot be %s', async (condition, message, offset) => {
    const mistake = await conditionMistake(condition);
    const said = { message, help: expect.stringMatching(/[^.]$/u) as string };
    expect(mistake).toEqual(offset === undefined ? said : { ...said, offset });
  });
});
