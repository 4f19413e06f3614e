import { join } from 'node:path';
import { comparePaths } from '../base/compare-paths.ts';
import type { Database } from '../duckdb/database.ts';
import type { Member, Store } from '../store/store.ts';
import { sqlValue } from './output-problem.ts';
import { Spool } from './output-spool.ts';

/** What it takes to sort more than fits into memory. */
export interface Sorting {
  /** Must be allowed to read `scratchFolder`. */
  readonly database: Database;
  /** An existing folder that is free for temporary files. */
  readonly scratchFolder: string;
  /** Up to so many tasks are sorted in memory; 20,000 when left out. */
  readonly inMemory?: number;
}

/** A version's name has slashes in it. */
export const scratchPath = (sorting: Sorting, what: string, version: string): string =>
  join(sorting.scratchFolder, `${what}-${version.replace(/[^\w-]+/gu, '-')}.ndjson`);

const COLUMNS = [
  { name: 'place', type: 'VARCHAR' },
  { name: 'line', type: 'BIGINT' },
  { name: 'member', type: 'VARCHAR' },
] as const;

/**
 * The tasks of a version in the order of their paths; the store has them in the order they ended,
 * and tasks with equal paths keep it.
 * More than a few are sorted by DuckDB, which spills to disk: memory does not grow with the table.
 */
export async function* membersInOrder(
  store: Store,
  version: string,
  sorting: Sorting,
): AsyncGenerator<readonly Member[]> {
  const most = sorting.inMemory ?? 20_000;
  let gathered: Member[] = [];
  let spool: Spool | undefined;
  try {
    for await (const members of store.members(version)) {
      for (const member of members) gathered.push(member);
      if (gathered.length <= most && spool === undefined) continue;
      spool ??= await Spool.create(scratchPath(sorting, 'members', version));
      for (const member of gathered) {
        spool.add([placeOf(member.path), spool.rows, JSON.stringify(member)]);
      }
      await spool.flush();
      gathered = [];
    }
    if (spool === undefined) yield gathered.sort((a, b) => comparePaths(a.path, b.path));
    else yield* sorted(spool, sorting.database);
  } finally {
    await spool?.discard();
  }
}

async function* sorted(spool: Spool, database: Database): AsyncGenerator<readonly Member[]> {
  await spool.end();
  const sql = `SELECT member FROM (${spool.query(COLUMNS)}) ORDER BY place, line`;
  const stream = sqlValue(await database.stream(sql));
  for await (const rows of stream.rows) {
    yield rows.map((row) => JSON.parse(row['member'] as string) as Member);
  }
}

/**
 * A path as text that sorts as {@link comparePaths} does: before each number stands how many
 * digits it has, as one letter.
 */
export const placeOf = (path: readonly number[]): string =>
  path.map((n) => String.fromCharCode(96 + String(n).length) + String(n)).join('');
