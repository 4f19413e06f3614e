import type { Source } from '../pipeline/pipeline.ts';
import { headOf, markedBlocks, UTF8_MARK } from './source-bytes.ts';
import { CellTypes } from './source-cell-types.ts';
import { cells, CsvScanner, type CsvFault } from './source-csv.ts';
import type { Inspection, SourceLimits } from './source-inspection.ts';
import { KeyCheck, type KeyedRow } from './source-keys.ts';
import { checkNames, hasKeyColumns } from './source-names.ts';
import { EMPTY_HELP, excerpt, LONG_CELL_HELP, Rows, type SourceReport } from './source-report.ts';
import { TextCheck } from './source-text-check.ts';

/** Longest cell, in bytes as they are in the file. */
const MAX_CELL = 64 * 1024;

const UNCLOSED_HELP = 'close it at the end of the cell; a quote inside a cell is written twice';

/** Reads a CSV or TSV file whole and reports what is wrong with it. */
export async function inspectCsv(
  source: Source,
  limits: SourceLimits,
  report: SourceReport,
): Promise<Inspection | undefined> {
  const check = new CsvCheck(source, limits, report);
  const text = new TextCheck();
  for await (const { block, last } of markedBlocks(source.path)) {
    text.push(block, last);
    if (!check.push(block, last)) break;
  }
  const head = await headOf(source.path, UTF8_MARK.length);
  await text.report(source.path, head.equals(UTF8_MARK) ? UTF8_MARK.length : 0, report);
  const names = check.finish();
  if (check.keys?.needsSecondReading === true) await readKeysAgain(source, check.keys, check.keyAt);
  check.keys?.report(report);
  if (names === undefined) return undefined;
  return {
    columns: names.map((name) => ({ name, type: 'VARCHAR' })),
    sqlTypes: check.types.map((types) => types.type),
    structure: null,
  };
}

class CsvCheck {
  readonly #source: Source;
  readonly #limits: SourceLimits;
  readonly #report: SourceReport;
  readonly #scanner: CsvScanner;
  readonly #uneven = new Map<number, Rows>();
  readonly #long = new Rows();
  readonly #blank = new Rows();
  #header: readonly string[] | undefined;
  #rows = 0;
  #tooMany = false;
  keys: KeyCheck | undefined;
  /** One a column. */
  types: readonly CellTypes[] = [];
  /** Positions of the key columns. */
  keyAt: readonly number[] = [];

  constructor(source: Source, limits: SourceLimits, report: SourceReport) {
    this.#source = source;
    this.#limits = limits;
    this.#report = report;
    this.#scanner = new CsvScanner(delimiterOf(source));
  }

  /** False when there is no use in reading on. */
  push(block: Buffer, last: boolean): boolean {
    this.#scanner.push(block, last, () => {
      if (this.#header === undefined) this.#start(cells(this.#scanner));
      else if (!this.#scanner.blank || this.#header.length === 1) this.#row(this.#header.length);
      return !this.#tooMany;
    });
    return this.#scanner.fault === undefined && !this.#tooMany;
  }

  #start(header: readonly string[]): void {
    this.#header = header;
    this.types = header.map(() => new CellTypes());
    const [only = ''] = header;
    const at = { line: this.#scanner.line };
    const other = delimiterIn(only, delimiterOf(this.#source));
    if (header.length === 1 && other !== undefined) {
      const [character, help] = other;
      const message = `the header is one column, "${excerpt(only)}": separated by ${character}?`;
      this.#report.error('E-R95', message, at, help);
      return;
    }
    checkNames(header, this.#report, at);
    const key = this.#source.key ?? [];
    if (key.length > 0 && hasKeyColumns(key, header, this.#report, at)) {
      this.keyAt = key.map((name) => header.indexOf(name));
      this.keys = new KeyCheck(key);
    }
  }

  #row(columns: number): void {
    const scanner = this.#scanner;
    this.#rows += 1;
    if (this.#rows > this.#limits.rows) {
      this.#tooMany = true;
      return;
    }
    if (scanner.count !== columns) {
      const rows = this.#uneven.get(scanner.count) ?? new Rows();
      rows.add(this.#rows, scanner.line);
      if (this.#uneven.size < 3) this.#uneven.set(scanner.count, rows);
      return;
    }
    if (scanner.blank) this.#blank.add(this.#rows, scanner.line);
    for (let i = 0; i < columns; i++) {
      if (scanner.size(i) > MAX_CELL) this.#long.add(this.#rows, scanner.line);
      const types = this.types[i];
      if (types?.open === true) types.add(scanner.cell(i));
    }
    this.keys?.add(keyedRow(scanner, this.#rows, this.keyAt));
  }

  /** The names of the columns, when the header could be read. */
  finish(): readonly string[] | undefined {
    const report = this.#report;
    const { fault } = this.#scanner;
    if (fault !== undefined) reportFault(fault, report);
    this.#reportRows(this.#header?.length ?? 0);
    if (fault !== undefined) return this.#header;
    if (this.#header === undefined) report.error('E-R88', 'the file is empty', {}, EMPTY_HELP);
    else if (this.#rows === 0) {
      const help = 'add rows below the header, or leave the steps out that read it';
      report.warning('E-R88', 'the file has a header and no rows', { line: 1 }, help);
    }
    return this.#header;
  }

  #reportRows(columns: number): void {
    const report = this.#report;
    for (const [count, rows] of this.#uneven) {
      const message = `${String(rows)} ${rows.count === 1 ? 'has' : 'have'} ${cellsText(count)}; the header has ${columns}`;
      const help =
        count > columns
          ? 'put quotes around cells that contain a comma'
          : 'add the cells that are missing; an empty cell needs its separator too';
      report.error('E-R93', message, rows.at, help);
    }
    if (this.#long.count > 0) {
      const message = `a cell in ${String(this.#long)} is over 64 KB`;
      report.error('E-R105', message, this.#long.at, LONG_CELL_HELP);
    }
    // Of a key that is empty there is more to say.
    if (this.#blank.count > 0 && this.keys === undefined) {
      const message = `blank lines count as records where there is one column: ${String(this.#blank)}`;
      const help = 'remove the lines, or leave such records out with "where"';
      report.warning('E-R93', message, this.#blank.at, help);
    }
    if (this.#tooMany) {
      const most = this.#limits.rows.toLocaleString('en-US');
      const help = 'raise the limit with --max-rows if so many are meant';
      report.error('E-R89', `there are more than ${most} rows`, {}, help);
    }
  }
}

const cellsText = (count: number): string => (count === 1 ? '1 cell' : `${count} cells`);

export const delimiterOf = (source: Source): ',' | '\t' => (source.format === 'tsv' ? '\t' : ',');

/** A character that separates the names of a header which is read as one column. */
function delimiterIn(
  name: string,
  delimiter: ',' | '\t',
): readonly [character: string, help: string] | undefined {
  const commas = 'save the file with commas between the cells';
  if (name.includes(';')) return ['";"', commas];
  if (name.includes('\t')) return ['tabs', 'let its name end with .tsv'];
  if (name.includes('|')) return ['"|"', commas];
  return delimiter === '\t' && name.includes(',')
    ? ['commas', 'let its name end with .csv']
    : undefined;
}

function reportFault({ kind, ...at }: CsvFault, report: SourceReport): void {
  switch (kind) {
    case 'unclosed-quote':
      report.error('E-R92', 'a quote is opened here and never closed', at, UNCLOSED_HELP);
      break;
    case 'long-record': {
      const help = 'a quote may be open: a quote inside a cell in quotes is written twice';
      report.error('E-R92', 'a record is longer than 1 MB', at, help);
      break;
    }
    case 'around-quotes': {
      const help = 'quotes stand around the whole cell, and a quote inside is written twice';
      report.error('E-R92', 'there is something beside the quotes of a cell', at, help);
      break;
    }
    case 'line-end': {
      const help = 'save the file with one kind of line end';
      report.error('E-R92', 'this line ends in another way than those before it', at, help);
      break;
    }
  }
}

const keyedRow = (scanner: CsvScanner, row: number, keyAt: readonly number[]): KeyedRow => ({
  row,
  line: scanner.line,
  values: keyAt.map((at) => scanner.cell(at)),
});

async function readKeysAgain(
  source: Source,
  keys: KeyCheck,
  keyAt: readonly number[],
): Promise<void> {
  const scanner = new CsvScanner(delimiterOf(source));
  let columns = 0;
  let row = 0;
  for await (const { block, last } of markedBlocks(source.path)) {
    scanner.push(block, last, () => {
      if (columns === 0) columns = scanner.count;
      else if (!scanner.blank || columns === 1) {
        row += 1;
        if (scanner.count === columns) keys.addAgain(keyedRow(scanner, row, keyAt));
      }
      return true;
    });
    if (scanner.fault !== undefined) break;
  }
}
