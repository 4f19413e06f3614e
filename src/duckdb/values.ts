import type {
  DuckDBDataChunk,
  DuckDBListType,
  DuckDBMapType,
  DuckDBStructType,
  DuckDBType,
  DuckDBUnionType,
  DuckDBValue,
} from '@duckdb/node-api';
import type { Json } from '../base/json.ts';

/** Turns one value that is not null into JSON. */
type ToJson = (value: DuckDBValue) => Json;

/** Numbers of DuckDB's type ids; the enum itself would load the package. */
export const TYPE = {
  bigint: 5,
  ubigint: 9,
  float: 10,
  double: 11,
  timestamp: 12,
  date: 13,
  hugeint: 16,
  varchar: 17,
  blob: 18,
  decimal: 19,
  timestampSeconds: 20,
  timestampMs: 21,
  timestampNs: 22,
  list: 24,
  struct: 25,
  map: 26,
  union: 28,
  timestampTz: 31,
  uhugeint: 32,
  array: 33,
  bignum: 35,
  geometry: 40,
  variant: 41,
} as const;

/** Types whose values in JavaScript are JSON already: text, booleans, integers of 32 bits. */
const PLAIN: ReadonlySet<number> = new Set([1, 2, 3, 4, 6, 7, 8, TYPE.varchar, 23]);

const number: ToJson = (value) => (Number.isFinite(value) ? (value as number) : null);
const whole: ToJson = (value) => integer(value as bigint);
const localTime: ToJson = (value) => timestamp(String(value), '');
const bytes: ToJson = (value) =>
  Buffer.from((value as { bytes: Uint8Array }).bytes).toString('base64');

const SCALARS: ReadonlyMap<number, ToJson> = new Map<number, ToJson>([
  [TYPE.float, number],
  [TYPE.double, number],
  [TYPE.bigint, whole],
  [TYPE.ubigint, whole],
  [TYPE.hugeint, whole],
  [TYPE.uhugeint, whole],
  [TYPE.bignum, whole],
  [TYPE.decimal, decimal],
  [TYPE.date, date],
  [TYPE.timestamp, localTime],
  [TYPE.timestampSeconds, localTime],
  [TYPE.timestampMs, localTime],
  [TYPE.timestampNs, localTime],
  [TYPE.timestampTz, (value) => timestamp(timestampInUtc(value), 'Z')],
  [TYPE.blob, bytes],
  [TYPE.geometry, bytes],
  [TYPE.variant, variantToJson],
]);

/**
 * How values of a DuckDB type are written as JSON; undefined when they are JSON as they come.
 *
 * Dates and times are ISO-8601 text, `TIMESTAMP WITH TIME ZONE` in UTC with a `Z`. Numbers are
 * JSON numbers where a double holds them exactly, else text. `NaN` and the infinities are null,
 * bytes base64. A column of type JSON is the value itself, not its text.
 */
export function toJsonOf(type: DuckDBType): ToJson | undefined {
  if (type.typeId === TYPE.varchar && type.alias === 'JSON') return parseJson;
  if (PLAIN.has(type.typeId)) return undefined;
  return SCALARS.get(type.typeId) ?? nestedToJson(type);
}

function nestedToJson(type: DuckDBType): ToJson {
  switch (type.typeId as number) {
    case TYPE.list:
    case TYPE.array: {
      const item = nullable(toJsonOf((type as DuckDBListType).valueType));
      return (value) => (value as { items: readonly DuckDBValue[] }).items.map(item);
    }
    case TYPE.struct:
      return structToJson(type as DuckDBStructType);
    case TYPE.map:
      return mapToJson(type as DuckDBMapType);
    case TYPE.union: {
      const members = type as DuckDBUnionType;
      return (value) => {
        const { tag, value: inner } = value as { tag: string; value: DuckDBValue };
        return nullable(toJsonOf(members.memberTypeForTag(tag)))(inner);
      };
    }
    default:
      return String;
  }
}

function structToJson(type: DuckDBStructType): ToJson {
  const fields = type.entryNames.map((name, index) => {
    const inner = type.entryTypes[index];
    return [name, nullable(inner === undefined ? undefined : toJsonOf(inner))] as const;
  });
  return (value) => {
    const { entries } = value as { entries: Readonly<Record<string, DuckDBValue>> };
    return Object.fromEntries(fields.map(([name, inner]) => [name, inner(entries[name] ?? null)]));
  };
}

/** An object when the keys are text, else a list of `{key, value}`. */
function mapToJson(type: DuckDBMapType): ToJson {
  const key = nullable(toJsonOf(type.keyType));
  const inner = nullable(toJsonOf(type.valueType));
  const named = type.keyType.typeId === (TYPE.varchar as number);
  return (value) => {
    const { entries } = value as { entries: readonly { key: DuckDBValue; value: DuckDBValue }[] };
    return named
      ? Object.fromEntries(entries.map((entry) => [String(entry.key), inner(entry.value)]))
      : entries.map((entry) => ({ key: key(entry.key), value: inner(entry.value) }));
  };
}

/** What the values inside a VARIANT look like; each says its type itself, if it must. */
interface VariantPart {
  readonly type?: DuckDBType | undefined;
  readonly value?: DuckDBValue;
  readonly items?: readonly DuckDBValue[];
  readonly entries?: Readonly<Record<string, DuckDBValue>>;
  readonly bytes?: Uint8Array;
}

function variantToJson(value: DuckDBValue): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return number(value);
  return typeof value === 'bigint' ? integer(value) : variantPartToJson(value as VariantPart);
}

function variantPartToJson(part: VariantPart): Json {
  if (part.items !== undefined) return part.items.map(variantToJson);
  if (part.entries !== undefined) {
    const fields = Object.entries(part.entries);
    return Object.fromEntries(fields.map(([name, inner]) => [name, variantToJson(inner)]));
  }
  if (part.bytes !== undefined) return Buffer.from(part.bytes).toString('base64');
  const { type, value } = part;
  if (value === undefined || type === undefined) return (part as { toString(): string }).toString();
  return nullable(toJsonOf(type))(value);
}

const nullable =
  (toJson: ToJson | undefined): ToJson =>
  (value) =>
    value === null ? null : toJson === undefined ? (value as Json) : toJson(value);

const integer = (value: bigint): Json =>
  value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : String(value);

/** A number when it prints the same digits, else DuckDB's text. */
function decimal(value: DuckDBValue): Json {
  const text = String(value);
  const number = Number(text);
  const { scale, value: unscaled } = value as { scale: number; value: bigint };
  if (unscaled >= -999_999_999_999_999n && unscaled <= 999_999_999_999_999n) return number;
  const digits = scale === 0 ? text : text.replace(/\.?0+$/u, '');
  return String(number) === digits ? number : text;
}

function date(value: DuckDBValue): Json {
  const { days } = value as { days: number };
  if (days === 2_147_483_647) return 'infinity';
  if (days === -2_147_483_647) return '-infinity';
  return String(value);
}

/** DuckDB writes a time stamp with time zone in the zone of the machine; this writes it in UTC. */
function timestampInUtc(value: DuckDBValue): string {
  const { micros } = value as { micros: bigint };
  const ms = micros / 1000n - (micros % 1000n < 0n ? 1n : 0n);
  if (ms < -62_135_596_800_000n || ms > 253_402_300_799_999n) return String(value);
  const rest = micros - ms * 1000n;
  const iso = new Date(Number(ms)).toISOString().slice(0, -1);
  return rest === 0n ? iso.replace(/\.000$/u, '') : iso + String(rest).padStart(3, '0');
}

/** `2020-01-01 10:00:00` with `T`; texts such as `infinity` and dates before Christ stay. */
const timestamp = (text: string, zone: string): string =>
  /^\d{4,}-\d\d-\d\d[ T][\d:.]+$/u.test(text) ? text.replace(' ', 'T') + zone : text;

function parseJson(value: DuckDBValue): Json {
  return JSON.parse(value as string) as Json;
}

/** The values of one column of a portion, as JSON. */
export function columnValues(
  chunk: DuckDBDataChunk,
  index: number,
  toJson: ToJson | undefined,
): Json[] {
  const vector = chunk.getColumnVector(index);
  const count = chunk.rowCount;
  const values: Json[] = [];
  if (toJson === undefined) {
    for (let row = 0; row < count; row++) values.push(vector.getItem(row) as Json);
  } else {
    for (let row = 0; row < count; row++) {
      const value = vector.getItem(row);
      values.push(value === null ? null : toJson(value));
    }
  }
  return values;
}
