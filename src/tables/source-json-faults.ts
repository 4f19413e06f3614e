import type { DiagnosticCode } from '../diagnostics/codes.ts';
import { LONG_CELL_HELP, NUL_HELP } from './source-report.ts';

/** Something in the text of one record that would be lost, changed or misread. */
export interface RecordFault {
  readonly code: DiagnosticCode;
  readonly message: string;
  /** What to do about it. */
  readonly help: string;
  /** In UTF-16 code units from the start of the record's text. */
  readonly offset: number;
}

/** Values may be nested this deep: a writer of JSON that recurses fails at some thousands. */
const MAX_DEPTH = 64;
/** Longest text of a cell, in UTF-16 code units. */
const MAX_CELL = 64 * 1024;

const REMOVE_COMMA = 'remove the comma';

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// eslint-disable-next-line no-control-regex -- control characters are what it must not match
const TEXT = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const WORD = /true|false|null/y;
const SPACE = /[ \t\r\n]*/y;

/** A half of a surrogate pair without its other half. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Reads the text of a record as strict JSON and reports the first thing that is not: what
 * JSON.parse refuses, and what it accepts in silence (repeated keys, `__proto__`, whole numbers
 * that a double cannot hold, halves of surrogate pairs).
 */
export function recordFault(text: string): RecordFault | undefined {
  const reader = new RecordReader(text);
  reader.record();
  return reader.fault;
}

/** Its methods return false once there is a fault. */
class RecordReader {
  readonly #text: string;
  #at = 0;
  fault: RecordFault | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  record(): boolean {
    if (!this.#value(1)) return false;
    this.#space();
    if (this.#at === this.#text.length) return true;
    return this.#refuse(
      'there is text after the end of the record',
      'remove it, or write it as a record of its own',
    );
  }

  #value(depth: number): boolean {
    this.#space();
    switch (this.#text[this.#at] ?? '') {
      case '{':
        return this.#deeper(depth) && this.#object(depth);
      case '[':
        return this.#deeper(depth) && this.#list(depth);
      case '"':
        return this.#string() !== undefined;
      default:
        return this.#scalar();
    }
  }

  #object(depth: number): boolean {
    const keys = new Set<string>();
    this.#space();
    if (this.#skip('}')) return true;
    for (;;) {
      if (!this.#member(keys, depth)) return false;
      this.#space();
      if (this.#skip('}')) return true;
      if (!this.#skip(','))
        return this.#refuse(
          'a "," or "}" is expected here',
          'write a comma before the next key, and "}" after the last',
        );
      this.#space();
      if (this.#text[this.#at] === '}')
        return this.#refuse('there is a comma before "}"', REMOVE_COMMA);
    }
  }

  #member(keys: Set<string>, depth: number): boolean {
    const at = this.#at;
    if (this.#text[at] !== '"')
      return this.#refuse(
        'a key in double quotes is expected here',
        'write it as in { "name": "…" }',
      );
    const key = this.#string();
    if (key === undefined) return false;
    if (key === '__proto__')
      return this.#refuse('the key "__proto__" is not allowed', 'rename it', at);
    if (keys.has(key))
      return this.#refuse(
        `the key "${shown(key)}" comes twice`,
        'remove or rename one of them',
        at,
      );
    keys.add(key);
    this.#space();
    if (!this.#skip(':'))
      return this.#refuse('a ":" is expected here', 'write it between the key and its value');
    return this.#value(depth + 1);
  }

  #list(depth: number): boolean {
    this.#space();
    if (this.#skip(']')) return true;
    for (;;) {
      if (!this.#value(depth + 1)) return false;
      this.#space();
      if (this.#skip(']')) return true;
      if (!this.#skip(','))
        return this.#refuse(
          'a "," or "]" is expected here',
          'write a comma before the next value, and "]" after the last',
        );
      this.#space();
      if (this.#text[this.#at] === ']')
        return this.#refuse('there is a comma before "]"', REMOVE_COMMA);
    }
  }

  #deeper(depth: number): boolean {
    if (depth > MAX_DEPTH)
      return this.#refuse(
        `values are nested more than ${MAX_DEPTH} deep`,
        'leave out the inner levels, or write them as one text',
      );
    this.#at += 1;
    return true;
  }

  #string(): string | undefined {
    const at = this.#at;
    const token = this.#match(TEXT);
    if (token === undefined) {
      this.#refuse(
        'this text is not closed, or not written as JSON wants it',
        'close it with a double quote; write \\" for a quote in it, \\n for a line end, \\\\ for a backslash',
      );
      return undefined;
    }
    const value = token.includes('\\') ? (JSON.parse(token) as string) : token.slice(1, -1);
    if (value.length > MAX_CELL)
      this.#refuse('a text is longer than 64 KB', LONG_CELL_HELP, at, 'E-R105');
    else if (LONE_SURROGATE.test(value)) {
      this.#refuse(
        'half of a surrogate pair is not a character',
        'write both halves of it, or remove it',
        at,
        'E-R101',
      );
    } else if (value.includes('\0')) this.#refuse('NUL cannot be stored', NUL_HELP, at, 'E-R101');
    return this.fault === undefined ? value : undefined;
  }

  #scalar(): boolean {
    const at = this.#at;
    const number = this.#match(NUMBER);
    if (number !== undefined) {
      const value = Number(number);
      const whole = !/[.eE]/u.test(number);
      if (Number.isFinite(value) && (!whole || Number.isSafeInteger(value))) return true;
      const message = `the number ${shown(number)} is too large to be exact`;
      return this.#refuse(message, 'write it as a text, in double quotes', at, 'E-R100');
    }
    if (this.#match(WORD) !== undefined) return true;
    const ended = at >= this.#text.length;
    return ended
      ? this.#refuse('the record ends too early', 'close what is open with "}" or "]"')
      : this.#refuse(
          'a value is expected here',
          'write a text in double quotes, a number, true, false or null',
        );
  }

  #space(): void {
    this.#match(SPACE);
  }

  #skip(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#at = pattern.lastIndex;
    return match[0];
  }

  #refuse(
    message: string,
    help: string,
    offset: number = this.#at,
    code: DiagnosticCode = 'E-R98',
  ): false {
    this.fault ??= { code, message, help, offset };
    return false;
  }
}

/** At most 80 characters of what came from a file. */
const shown = (text: string): string => (text.length > 80 ? `${text.slice(0, 79)}…` : text);
