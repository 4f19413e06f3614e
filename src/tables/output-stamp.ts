import { fingerprintOf } from '../base/fingerprint.ts';
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import type { Database } from '../duckdb/database.ts';
import { quoteLiteral } from '../duckdb/quote.ts';
import type { StepState } from '../store/store.ts';
import { recordColumns } from './column-types.ts';

/** Raised when the same state would be written as other files. */
const FORMAT = 2;

/** Under this name each Parquet file says what it was made from. */
const ENTRY = 'fieldwork';

/** What a step's file and its lines in the pipeline's tables were made from. */
export function stampOf(state: StepState): string {
  const { digest, membership, failed, layout } = state;
  const { key, mode, parent } = layout;
  const columns = recordColumns(layout).map(({ name, type, property }) => ({
    name,
    type,
    property,
  }));
  return fingerprintOf({ format: FORMAT, digest, membership, failed, columns, key, mode, parent });
}

/** Stamps by step. A step's own file has one, a table of the pipeline those of all steps. */
export type Stamps = Readonly<Record<string, string>>;

/** The option of `COPY` that writes the stamps into the file. */
export const stampOption = (stamps: Stamps): string =>
  `KV_METADATA {${ENTRY}: ${quoteLiteral(JSON.stringify(stamps))}}`;

/** The stamps in a Parquet file; undefined where it is not a file that we wrote. */
export async function readStamps(database: Database, path: string): Promise<Stamps | undefined> {
  const found = await database.rows(
    `SELECT decode(value) AS stamps FROM parquet_kv_metadata(${quoteLiteral(path)}) WHERE decode(key) = '${ENTRY}'`,
  );
  const text = found.ok ? found.value[0]?.['stamps'] : undefined;
  return typeof text === 'string' ? stampsOf(text) : undefined;
}

function stampsOf(text: string): Stamps | undefined {
  try {
    const value = JSON.parse(text) as Json;
    return isJsonObject(value) ? (value as JsonObject & Stamps) : undefined;
  } catch {
    return undefined;
  }
}
