import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import type { RecordColumn } from './column-types.ts';
import { duckdbType, type CellType } from './output-cell-type.ts';

/** A record laid out over the columns of its table. */
export interface FittedRecord {
  /** One value a column, each in a form that DuckDB reads into the column's type without error. */
  readonly cells: readonly Json[];
  /** Properties whose values the columns do not hold, or not whole; undefined where there are none. */
  readonly extra: JsonObject | undefined;
  /** What is wrong with values that should have fitted. */
  readonly misfits: readonly string[];
}

/**
 * Lays records out over columns. `{...cells, ...extra}` is the record: nothing is lost, nothing
 * made up. A property without a column, and a value that a column cannot hold (a date that does
 * not exist, a whole number beyond 2^53, half a surrogate pair), goes into `extra` as it is.
 */
export function recordFitter(
  columns: readonly RecordColumn[],
): (record: JsonObject) => FittedRecord {
  const fits = columns.map((column) => fitOf(column.cell));
  const known = new Set(columns.map((column) => column.property));
  // One object for all values: this runs once a cell.
  const fitting: Fitting = { whole: true, misfit: undefined };
  return (record) => {
    let extra: Record<string, Json> | undefined;
    let misfits: string[] | undefined;
    const cells: Json[] = [];
    for (const [index, { property, name, cell }] of columns.entries()) {
      const value = own(record, property);
      if (value === null) {
        cells.push(null);
        continue;
      }
      reset(fitting);
      cells.push((fits[index] as Fit)(value, fitting));
      if (!fitting.whole) (extra ??= {})[property] = value;
      if (fitting.misfit !== undefined) {
        (misfits ??= []).push(`${name}: ${fitting.misfit} does not fit ${duckdbType(cell)}`);
      }
    }
    for (const property in record) {
      if (known.has(property)) continue;
      const value = own(record, property);
      if (value !== null) (extra ??= {})[property] = value;
    }
    return { cells, extra, misfits: misfits ?? NONE };
  };
}

const NONE: readonly string[] = [];

function reset(fitting: Fitting): void {
  fitting.whole = true;
  fitting.misfit = undefined;
}

/** Not what every object inherits: a column may be called `constructor`. */
const own = (record: JsonObject, property: string): Json =>
  Object.hasOwn(record, property) ? (record[property] ?? null) : null;

/** What comes to light while one value is fitted. */
interface Fitting {
  /** False once the cell holds less than the value. */
  whole: boolean;
  /** The first part that has the wrong form, for a person. */
  misfit: string | undefined;
}

/** `value` is not null. */
type Fit = (value: Json, fitting: Fitting) => Json;

function misfit(value: Json, fitting: Fitting): null {
  fitting.whole = false;
  const text = JSON.stringify(value);
  fitting.misfit ??= text.length > 80 ? `${text.slice(0, 79)}…` : text;
  return null;
}

/** A cell whose values need only be looked at. */
const when =
  (fits: (value: Json) => boolean): Fit =>
  (value, fitting) =>
    fits(value) ? value : misfit(value, fitting);

function fitOf(cell: CellType): Fit {
  switch (cell.kind) {
    case 'text':
      return when((value) => typeof value === 'string' && isWellFormed(value));
    case 'json':
      return (value) => JSON.stringify(value);
    case 'boolean':
      return when((value) => typeof value === 'boolean');
    case 'integer':
      return when(Number.isSafeInteger);
    case 'double':
      return when(Number.isFinite);
    case 'decimal':
      return decimalFit(cell.precision, cell.scale);
    case 'date':
      return when((value) => typeof value === 'string' && isDate(value));
    case 'instant':
      return (value, fitting) =>
        (typeof value === 'string' ? utcInstant(value) : undefined) ?? misfit(value, fitting);
    case 'list':
      return listFit(cell.item);
    case 'struct':
      return structFit(cell);
    case 'native':
      return when((value) => isNative(cell.type, value));
  }
}

function listFit(item: CellType): Fit {
  const fit = fitOf(item);
  return (value, fitting) =>
    Array.isArray(value)
      ? (value as readonly Json[]).map((entry) => (entry === null ? null : fit(entry, fitting)))
      : misfit(value, fitting);
}

function structFit(cell: CellType & { readonly kind: 'struct' }): Fit {
  const fields = cell.fields.map((field) => [field.name, fitOf(field.cell)] as const);
  const known = new Set(cell.fields.map((field) => field.name));
  return (value, fitting) => {
    if (!isJsonObject(value)) return misfit(value, fitting);
    const fitted: Record<string, Json> = {};
    for (const [name, fit] of fields) {
      const member = own(value, name);
      if (member !== null) fitted[name] = fit(member, fitting);
    }
    for (const name of Object.keys(value)) if (!known.has(name)) fitting.whole = false;
    return fitted;
  };
}

/** As text, because a JSON number goes through a double on its way into a DECIMAL. */
function decimalFit(precision: number, scale: number): Fit {
  const pattern = new RegExp(
    `^-?(?=\\d)0*\\d{0,${precision - scale}}(?:\\.\\d{0,${scale}}0*)?$`,
    'u',
  );
  return (value, fitting) => {
    const text = decimalText(value, scale);
    return pattern.test(text) ? text : misfit(value, fitting);
  };
}

function decimalText(value: Json, scale: number): string {
  if (typeof value !== 'number') return typeof value === 'string' ? value : '';
  const text = String(value);
  if (!text.includes('e')) return text;
  const digits = value.toFixed(scale);
  return Number(digits) === value ? digits : text;
}

/** A half of a surrogate pair is no character: neither UTF-8 nor DuckDB can write it. */
const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);

/**
 * Makes cells of values that we made ourselves, given in the order of the columns; those at the
 * end may be missing. A value that does not fit is null.
 */
export function ownCells(
  columns: readonly RecordColumn[],
): (values: readonly Json[]) => readonly Json[] {
  const fitting: Fitting = { whole: true, misfit: undefined };
  const fits = columns.map(({ cell }) =>
    cell.kind === 'text' ? when((value) => typeof value === 'string') : fitOf(cell),
  );
  return (values) =>
    values.map((value, index) => (value === null ? null : (fits[index] as Fit)(value, fitting)));
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** A day of the years 1 to 9999. */
const isDate = (text: string): boolean => /^\d{4}-\d\d-\d\d$/u.test(text) && isDay(text);

/** True when the day that a text of the right form begins with exists. */
function isDay(text: string): boolean {
  const year = digits(text, 0) * 100 + digits(text, 2);
  const [month, day] = [digits(text, 5), digits(text, 8)];
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 1 : 0;
  return year > 0 && day > 0 && day <= (MONTH_DAYS[month - 1] ?? 0) + leap;
}

/** The number that two digits are. */
const digits = (text: string, at: number): number =>
  text.charCodeAt(at) * 10 + text.charCodeAt(at + 1) - 48 * 11;

const INSTANT =
  /^(\d{4}-\d\d-\d\d)[Tt ]((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d{1,6})0*)?(?:[Zz]|([+-])(\d\d):(\d\d))$/u;

/** The usual form, which needs no change. */
const UTC_INSTANT = /^\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?Z$/u;

/** The moment in UTC, or undefined for what is none, has a leap second, or is finer than 1 µs. */
function utcInstant(text: string): string | undefined {
  if (UTC_INSTANT.test(text)) return isDay(text) ? text : undefined;
  const match = INSTANT.exec(text);
  if (match === null) return undefined;
  const [, day, time, micros, sign, hours, minutes] = match;
  if (!isDay(text)) return undefined;
  const fraction = micros === undefined ? '' : `.${micros}`;
  const local = `${day}T${time}`;
  if (sign === undefined) return `${local}${fraction}Z`;
  const minutesAhead = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
  const utc = new Date(Date.parse(`${local}Z`) - minutesAhead * 60_000).toISOString();
  return isDay(utc) && /^\d{4}-/u.test(utc) ? `${utc.slice(0, 19)}${fraction}Z` : undefined;
}

const WHOLE = /^-?\d{1,20}$/u;
const NATIVE_FORMS: Readonly<Record<string, RegExp>> = {
  TIME: /^\d\d:\d\d:\d\d(?:\.\d{1,6})?$/u,
  TIMESTAMP: /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,6})?$/u,
  TIMESTAMP_S: /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d$/u,
  TIMESTAMP_MS: /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,3})?$/u,
  TIMESTAMP_NS: /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?$/u,
  UUID: /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/u,
};

/** These values came out of DuckDB, so their range is right; only their form may be another one. */
function isNative(type: string, value: Json): boolean {
  if (type === 'DOUBLE' || type === 'FLOAT') return Number.isFinite(value);
  const form = NATIVE_FORMS[type] ?? WHOLE;
  return form === WHOLE && typeof value === 'number'
    ? Number.isSafeInteger(value)
    : typeof value === 'string' && form.test(value);
}
