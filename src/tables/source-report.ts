import type { DiagnosticCode } from '../diagnostics/codes.ts';
import { errorInFile, type Diagnostic } from '../diagnostics/diagnostic.ts';

/** A place in a source's file, counted from 1. Columns count bytes. */
export interface At {
  readonly line?: number;
  readonly column?: number;
}

/** What was found in one source: mistakes, and what is only worth a look. */
export class SourceReport {
  readonly #path: string;
  readonly errors: Diagnostic[] = [];
  readonly warnings: Diagnostic[] = [];

  /** `path` is the file as the user wrote it. */
  constructor(path: string) {
    this.#path = path;
  }

  error(code: DiagnosticCode, message: string, at: At, help: string): void {
    this.errors.push(errorInFile(code, { path: this.#path, ...at }, message, help));
  }

  warning(code: DiagnosticCode, message: string, at: At, help: string): void {
    const diagnostic = errorInFile(code, { path: this.#path, ...at }, message, help);
    this.warnings.push({ ...diagnostic, severity: 'warning' });
  }
}

/** What to do about a file without any content. */
export const EMPTY_HELP =
  'write the file again where it comes from: it should begin with its columns';
/** What to do about texts that are too long for a cell. */
export const LONG_CELL_HELP =
  'shorten it, or leave its column out: an agent is asked about few words';
/** What to do about NUL characters. */
export const NUL_HELP = 'remove it: it comes from a fault of the program that wrote the file';

/** Rows with the same mistake: all are counted, the first ones are named. */
export class Rows {
  readonly #first: number[] = [];
  count = 0;
  /** Line of the first one. */
  line: number | undefined;

  add(row: number, line: number | undefined): void {
    this.line ??= this.count === 0 ? line : undefined;
    this.count += 1;
    if (this.#first.length < 5) this.#first.push(row);
  }

  get at(): At {
    return this.line === undefined ? {} : { line: this.line };
  }

  /** `row 3`, `rows 3, 9 and 4 more`. */
  toString(): string {
    const more = this.count - this.#first.length;
    const names = this.#first.map((row) => row.toLocaleString('en-US'));
    if (more > 0) return `rows ${names.join(', ')} and ${more.toLocaleString('en-US')} more`;
    const last = names.at(-1) ?? '';
    if (names.length === 1) return `row ${last}`;
    return `rows ${names.slice(0, -1).join(', ')} and ${last}`;
  }
}

/** At most 80 characters of what came from a file, without line ends and control characters. */
export function excerpt(text: string): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ');
  return plain.length > 80 ? `${plain.slice(0, 79)}…` : plain;
}
