import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import type { Source } from '../pipeline/pipeline.ts';
import { headOf, markedBlocks, UTF8_MARK } from './source-bytes.ts';
import { recordFault } from './source-json-faults.ts';
import { JsonSplitter, type JsonFault } from './source-json.ts';
import type { Inspection, SourceLimits } from './source-inspection.ts';
import { KeyCheck } from './source-keys.ts';
import { checkNames, hasKeyColumns } from './source-names.ts';
import type { At, SourceReport } from './source-report.ts';
import { Shape } from './source-shape.ts';
import { TextCheck } from './source-text-check.ts';

/** Records that are wrong are reported one by one, up to here; the others are counted. */
const MAX_FAULTS = 5;
/** Records with more different names than this have data for names. */
const MAX_COLUMNS = 1_000;

type TextFormat = 'json' | 'ndjson';

/** Reads a JSON or NDJSON file whole and reports what is wrong with it. */
export async function inspectJson(
  source: Source,
  format: TextFormat,
  limits: SourceLimits,
  report: SourceReport,
): Promise<Inspection | undefined> {
  const marked = (await headOf(source.path, UTF8_MARK.length)).equals(UTF8_MARK);
  if (marked && format === 'ndjson') {
    const help = 'save it as UTF-8 without a byte order mark';
    report.error('E-R96', 'the file begins with a byte order mark', { line: 1 }, help);
  }
  const check = new JsonCheck(source, format, limits, report);
  const text = new TextCheck();
  for await (const { block, last } of markedBlocks(source.path)) {
    text.push(block, last);
    if (!check.push(block, last)) break;
  }
  await text.report(source.path, marked ? UTF8_MARK.length : 0, report);
  const inspection = check.finish();
  const { keys } = check;
  const keyColumns = source.key ?? [];
  if (keys !== undefined && inspection !== undefined) {
    const names = inspection.columns.map((column) => column.name);
    if (names.length > 0 && hasKeyColumns(keyColumns, names, report)) {
      if (keys.needsSecondReading) await readKeysAgain(source, format, keys, keyColumns);
      keys.report(report);
    }
  }
  return inspection;
}

class JsonCheck {
  readonly #format: TextFormat;
  readonly #limits: SourceLimits;
  readonly #report: SourceReport;
  readonly #splitter: JsonSplitter;
  readonly #key: readonly string[];
  readonly #shapes = new Map<string, Shape>();
  #rows = 0;
  #faults = 0;
  /** Line of the first record that is wrong and not shown. */
  #more: number | undefined;
  #stopped = false;
  readonly keys: KeyCheck | undefined;

  constructor(source: Source, format: TextFormat, limits: SourceLimits, report: SourceReport) {
    this.#format = format;
    this.#limits = limits;
    this.#report = report;
    this.#splitter = new JsonSplitter(format);
    this.#key = source.key ?? [];
    this.keys = this.#key.length > 0 ? new KeyCheck(this.#key) : undefined;
  }

  /** False when there is no use in reading on. */
  push(block: Buffer, last: boolean): boolean {
    this.#splitter.push(block, last, (text) => {
      this.#record(text);
      return !this.#stopped;
    });
    return this.#splitter.fault === undefined && !this.#stopped;
  }

  #record(text: string): void {
    const { line, column } = this.#splitter;
    this.#rows += 1;
    if (this.#rows > this.#limits.rows) {
      const most = this.#limits.rows.toLocaleString('en-US');
      const help = 'raise the limit with --max-rows if so many are meant';
      this.#report.error('E-R89', `there are more than ${most} rows`, {}, help);
      this.#stopped = true;
      return;
    }
    const fault = recordFault(text);
    if (fault !== undefined) {
      if (!this.#isShown({ line })) return;
      const at = placeIn(text, fault.offset, { line, column });
      this.#report.error(fault.code, fault.message, at, fault.help);
      return;
    }
    const record = JSON.parse(text) as Json;
    if (isJsonObject(record)) this.#take(record, line);
    else this.#notAnObject(record, { line, column });
  }

  #take(record: JsonObject, line: number): void {
    for (const name of Object.keys(record)) {
      let shape = this.#shapes.get(name);
      if (shape === undefined) {
        if (this.#shapes.size === MAX_COLUMNS) {
          const message = `the records have more than ${MAX_COLUMNS.toLocaleString('en-US')} different keys`;
          const help = 'make the keys that are data into values';
          this.#report.error('E-R94', message, { line }, help);
          this.#stopped = true;
          return;
        }
        shape = new Shape();
        this.#shapes.set(name, shape);
      }
      shape.add(record[name]);
    }
    this.keys?.add({ row: this.#rows, line, values: this.#key.map((name) => record[name]) });
  }

  #notAnObject(value: Json, at: At): void {
    if (!this.#isShown(at)) return;
    const kind = Array.isArray(value) ? 'list' : value === null ? 'null' : typeof value;
    const article = value === null ? '' : 'a ';
    if (this.#format === 'ndjson') {
      const help =
        kind === 'list' ? 'a file that is one list of records is called .json' : RECORD_HELP;
      this.#report.error('E-R99', `this line is ${article}${kind}, not an object`, at, help);
    } else {
      const message = `record ${this.#rows.toLocaleString('en-US')} is ${article}${kind}, not an object`;
      this.#report.error('E-R98', message, at, RECORD_HELP);
    }
  }

  /** Counts a record that is wrong; true for the first ones. */
  #isShown({ line }: At): boolean {
    this.#faults += 1;
    if (this.#faults === MAX_FAULTS + 1) this.#more = line;
    return this.#faults <= MAX_FAULTS;
  }

  #reportMore(): void {
    const more = this.#faults - MAX_FAULTS;
    if (more <= 0) return;
    const records = more === 1 ? '1 more record' : `${more.toLocaleString('en-US')} more records`;
    const message = `${records} from here on cannot be read`;
    const at = this.#more === undefined ? {} : { line: this.#more };
    this.#report.error('E-R98', message, at, 'mend the first ones, and look for the same there');
  }

  finish(): Inspection | undefined {
    const { fault } = this.#splitter;
    if (fault !== undefined) reportFault(fault, this.#report);
    else if (this.#rows === 0) {
      const help = 'add records, or leave the steps out that read it';
      this.#report.warning('E-R88', 'there are no records in the file', {}, help);
    }
    this.#reportMore();
    const names = [...this.#shapes.keys()];
    checkNames(names, this.#report);
    if (fault !== undefined || this.#faults > 0) return undefined;
    if (this.#rows > 0 && names.length === 0 && !this.#stopped) {
      const help = 'fill them, or leave the steps out that read it';
      this.#report.error('E-R88', 'the records in the file are all empty', {}, help);
    }
    const shapes = [...this.#shapes];
    const columns = shapes.map(([name, shape]) => ({ name, type: shape.type() }));
    return {
      columns,
      sqlTypes: columns.map((column) => column.type),
      structure: Object.fromEntries(shapes.map(([name, shape]) => [name, shape.structure()])),
    };
  }
}

const RECORD_HELP = 'write it as an object with its columns as keys: { "name": "…" }';

function reportFault({ kind, line, column }: JsonFault, report: SourceReport): void {
  const at = { line, column };
  switch (kind) {
    case 'not-a-list': {
      const help = 'a file with one object on each line is called .ndjson';
      report.error('E-R98', 'a list of objects is expected: "[" comes first', at, help);
      break;
    }
    case 'trailing-comma':
      report.error('E-R98', 'there is a comma before "]"', at, 'remove the comma');
      break;
    case 'missing-comma':
      report.error(
        'E-R98',
        'a "," or "]" is expected after a record',
        at,
        'write a comma between two records, and "]" after the last',
      );
      break;
    case 'not-closed':
      report.error(
        'E-R98',
        'the file ends before the list does',
        at,
        'write "]" after the last record; where records are missing, fetch the file again',
      );
      break;
    case 'text-after':
      report.error(
        'E-R98',
        'there is text after the end of the list',
        at,
        'remove it, or move the records into the list',
      );
      break;
    case 'long-record':
      report.error(
        'E-R92',
        'a record is longer than 1 MB',
        at,
        'leave out the keys that are not needed, or close a quote or bracket that is open',
      );
      break;
    case 'blank-line':
      report.error('E-R99', 'this line is blank', { line }, 'remove it');
      break;
    case 'not-an-object':
      // Only a reading of rows stops there; this one has said more about it.
      break;
  }
}

/** Line and column of an offset in a record that begins at `start`. Columns count bytes. */
function placeIn(text: string, offset: number, start: { line: number; column: number }): At {
  const before = text.slice(0, offset).split('\n');
  const inLast = Buffer.byteLength(before.at(-1) ?? '');
  return before.length === 1
    ? { line: start.line, column: start.column + inLast }
    : { line: start.line + before.length - 1, column: inLast + 1 };
}

async function readKeysAgain(
  source: Source,
  format: TextFormat,
  keys: KeyCheck,
  key: readonly string[],
): Promise<void> {
  const splitter = new JsonSplitter(format);
  let row = 0;
  for await (const { block, last } of markedBlocks(source.path)) {
    splitter.push(block, last, (text) => {
      row += 1;
      const record = JSON.parse(text) as JsonObject;
      keys.addAgain({ row, line: splitter.line, values: key.map((name) => record[name]) });
      return true;
    });
  }
}
