import type { Json } from '../base/json.ts';
import { normalizeKeyPart } from '../base/record-key.ts';
import { excerpt, Rows, type SourceReport } from './source-report.ts';

/** The values of a row's key columns, in the order of the columns. */
export interface KeyedRow {
  /** Counted from 1, the header left out. */
  readonly row: number;
  readonly line: number | undefined;
  readonly values: readonly (Json | undefined)[];
}

/**
 * Finds rows whose key is missing or was there before, in two readings of the rows.
 *
 * The first remembers 8 bytes a row, whatever the keys are; the second is only needed when
 * something looks repeated, and looks at those rows alone.
 */
export class KeyCheck {
  readonly #columns: readonly string[];
  readonly #seen = new NumberSet();
  readonly #suspects = new Set<number>();
  readonly #missing = new Rows();
  readonly #repeated = new Map<string, KeyedRow[]>();

  constructor(columns: readonly string[]) {
    this.#columns = columns;
  }

  /** First reading. */
  add(keyed: KeyedRow): void {
    const key = keyOf(keyed.values);
    if (key === undefined) this.#missing.add(keyed.row, keyed.line);
    else {
      const number = numberOf(key);
      if (this.#seen.addIsNew(number) || this.#suspects.size >= 10_000) return;
      this.#suspects.add(number);
    }
  }

  /** Whether {@link addAgain} has anything to find. */
  get needsSecondReading(): boolean {
    return this.#suspects.size > 0;
  }

  /** Second reading, of the same rows. */
  addAgain(keyed: KeyedRow): void {
    const key = keyOf(keyed.values);
    if (key === undefined || !this.#suspects.has(numberOf(key))) return;
    const rows = this.#repeated.get(key);
    if (rows === undefined) this.#repeated.set(key, [keyed]);
    else rows.push(keyed);
  }

  report(report: SourceReport): void {
    const name = this.#columns.join(', ');
    if (this.#missing.count > 0) {
      const message = `the key (${name}) is empty in ${String(this.#missing)}`;
      report.error('E-R102', message, this.#missing.at, 'fill it in, or choose another key');
    }
    const equal: KeyedRow[][] = [];
    const alike: KeyedRow[][] = [];
    for (const rows of this.#repeated.values()) {
      if (rows.length < 2) continue;
      const texts = new Set(rows.map((row) => JSON.stringify(row.values)));
      (texts.size < rows.length ? equal : alike).push(rows);
    }
    if (equal.length > 0) {
      const message = `the key (${name}) is the same in ${listed(equal)}`;
      const help = 'remove the repeated rows, or add a column to the key';
      report.error('E-R102', message, secondLine(equal), help);
    }
    if (alike.length > 0) {
      const message = `the key (${name}) differs only in spelling in ${listed(alike)}`;
      const help = 'such rows count as one record: the first of them is kept';
      report.warning('E-R103', message, secondLine(alike), help);
    }
  }
}

/** As records are told apart: by the normalised parts. Undefined when one is missing. */
function keyOf(values: readonly (Json | undefined)[]): string | undefined {
  const parts = values.map(normalizeKeyPart);
  return parts.includes('') ? undefined : parts.join('\0');
}

/**
 * A positive number of 52 bits for a key (FNV-1a, twice, with the halves of two primes). Two keys
 * of a million share one by chance once in ten thousand files; they only cost a second look.
 */
function numberOf(key: string): number {
  let [low, high] = [0x811c9dc5, 0x01000193];
  for (let i = 0; i < key.length; i++) {
    const unit = key.charCodeAt(i);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit ^ (low >>> 16), 0x85ebca6b);
  }
  return ((high >>> 0) & 0xfffff) * 0x100000000 + (low >>> 0) + 1;
}

/** `rows 1 and 4 ("acme.com"), rows 2 and 3 ("b.io") and 7 more keys`. */
function listed(groups: readonly (readonly KeyedRow[])[]): string {
  const named = groups.slice(0, 5).map((group) => {
    const rows = new Rows();
    for (const { row, line } of group) rows.add(row, line);
    const values = group[0]?.values ?? [];
    const value = values.map((v) => (typeof v === 'string' ? v : JSON.stringify(v))).join(', ');
    return `${String(rows)} ("${excerpt(value)}")`;
  });
  const more = groups.length - named.length;
  return named.join(', ') + (more > 0 ? ` and ${more.toLocaleString('en-US')} more keys` : '');
}

const secondLine = (groups: readonly (readonly KeyedRow[])[]): { readonly line?: number } => {
  const line = groups[0]?.[1]?.line;
  return line === undefined ? {} : { line };
};

/** A set of positive numbers in one array of doubles: open addressing, at most half full. */
class NumberSet {
  #slots = new Float64Array(1 << 12);
  #size = 0;

  /** Adds a number; false when it was there. */
  addIsNew(number: number): boolean {
    if (this.#size * 2 >= this.#slots.length) this.#grow();
    const slot = this.#slotOf(number);
    if (this.#slots[slot] === number) return false;
    this.#slots[slot] = number;
    this.#size += 1;
    return true;
  }

  #slotOf(number: number): number {
    const slots = this.#slots;
    let slot = number % slots.length;
    while (slots[slot] !== 0 && slots[slot] !== number) slot = (slot + 1) % slots.length;
    return slot;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Float64Array(old.length * 2);
    for (const number of old) if (number !== 0) this.#slots[this.#slotOf(number)] = number;
  }
}
