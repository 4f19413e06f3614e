import type { Json, JsonObject } from '../../src/base/json.ts';
import { openDatabase } from '../../src/duckdb/database.ts';
import { join } from 'node:path';
import type { QueryCase, Slot } from './queries/template.ts';

/** Gold by SQL written by hand, over the data sets' own files. */
export interface GoldDatabase {
  answer(it: QueryCase): Promise<readonly JsonObject[]>;
  close(): Promise<void>;
}

const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Opens the JSON files of a corpus folder, one table each, with a line number. */
export async function openGold(folder: string, names: readonly string[]): Promise<GoldDatabase> {
  const opened = await openDatabase({ folders: [folder], threads: 1 });
  if (!opened.ok) throw new Error(opened.error.message);
  const database = opened.value;
  for (const name of names) {
    const path = join(folder, `${name}.json`);
    const made = await database.run(
      `create table ${identifier(name)} as select row_number() over () as line, * from read_json('${path}', sample_size = -1, maximum_object_size = 67108864)`,
    );
    if (!made.ok) throw new Error(made.error.message);
  }
  return {
    async answer({ set, where, order, limit }) {
      const columns = Object.entries(set.slots).map(
        ([name, slot]) => `${typed(slot)} as ${identifier(name)}`,
      );
      const by = [order, order === undefined ? undefined : identifier(set.label), 'line'].filter(
        Boolean,
      );
      const rows = await database.rows(
        `select ${columns.join(', ')} from ${identifier(set.name)} where ${where} order by ${by.join(', ')} limit ${limit ?? 10_000}`,
      );
      if (!rows.ok) throw new Error(`${where}: ${rows.error.message}`);
      return rows.value.map((row) => normalized(row, set.slots));
    },
    close: () => database.close(),
  };
}

function typed({ type, column }: Slot): string {
  const name = identifier(column);
  // A column of texts and numbers is JSON here, and its texts would keep their quotes.
  if (type === 'string') return `to_json(${name})->>'$'`;
  return type === 'array' || type === 'boolean' ? name : `cast(${name} as double)`;
}

function normalized(row: JsonObject, slots: QueryCase['set']['slots']): JsonObject {
  const value = (name: string): Json => {
    const it = row[name] ?? null;
    return it !== null && /^(?:number|integer)$/u.test(slots[name]?.type ?? '') ? Number(it) : it;
  };
  return Object.fromEntries(Object.keys(slots).map((name) => [name, value(name)]));
}
