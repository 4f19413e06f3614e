import type { JsonObject } from '../../../base/json.ts';
import type { Database, SqlParameter } from '../../../duckdb/database.ts';

/** Why an index could not be written or read: a full disk, a damaged file. */
export class IndexError extends Error {}

/** Text of rows that goes to the database at once, in characters. */
const PORTION = 4 * 1024 * 1024;

/** A database that an index is being made in. Its statements are the agent's own. */
export class IndexWriter {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Throws an {@link IndexError}. */
  async run(sql: string, parameters: readonly SqlParameter[] = []): Promise<void> {
    const done = await this.#database.run(sql, parameters);
    if (!done.ok) throw new IndexError(done.error.message);
  }

  /** Throws an {@link IndexError}. */
  async rows(
    sql: string,
    parameters: readonly SqlParameter[] = [],
  ): Promise<readonly JsonObject[]> {
    const read = await this.#database.rows(sql, parameters);
    if (!read.ok) throw new IndexError(read.error.message);
    return read.value;
  }

  /**
   * Puts rows into a table. `shape` names its columns in their order, each with DuckDB's type.
   * Throws an {@link IndexError}.
   */
  async insert(
    table: string,
    shape: Readonly<Record<string, string>>,
    rows: Iterable<object>,
  ): Promise<void> {
    const type = JSON.stringify([shape]);
    const columns = Object.keys(shape).map((name) => `j.${name}`);
    const put = (portion: readonly string[]): Promise<void> =>
      this.run(
        `insert into ${table} select ${columns.join(', ')} from (select unnest(from_json(cast($1 as json), '${type}')) as j)`,
        [`[${portion.join(',')}]`],
      );
    let [portion, size]: [string[], number] = [[], 0];
    for (const row of rows) {
      const text = JSON.stringify(row);
      portion.push(text);
      size += text.length;
      if (size < PORTION) continue;
      await put(portion);
      [portion, size] = [[], 0];
    }
    if (portion.length > 0) await put(portion);
  }
}
