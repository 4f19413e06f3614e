import { findQuantities } from '../text/quantity.ts';
import { findDates } from '../text/written-date.ts';
import { NAME, namesIn } from './mentions.ts';
import type { ValueKind } from './rules.ts';

/** Something in a sentence that may be a value. */
export interface Candidate {
  readonly start: number;
  readonly end: number;
}

/** Everything in a sentence that may be a value, by kind. Found when first asked for. */
export class Candidates {
  readonly #sentence: string;
  readonly #found = new Map<ValueKind, readonly Candidate[]>();

  constructor(sentence: string) {
    this.#sentence = sentence;
  }

  of(kind: ValueKind): readonly Candidate[] {
    let found = this.#found.get(kind);
    if (found === undefined) {
      found = this.#find(kind);
      this.#found.set(kind, found);
    }
    return found;
  }

  #find(kind: ValueKind): readonly Candidate[] {
    switch (kind) {
      case 'date':
        return findDates(this.#sentence);
      case 'number':
        return findQuantities(this.#sentence).filter(({ unit }) => unit === undefined);
      case 'money':
        return findQuantities(this.#sentence).filter(({ unit }) => isCurrency(unit));
      case 'measure':
        return findQuantities(this.#sentence).filter(
          ({ unit }) => unit !== undefined && unit !== '%' && !isCurrency(unit),
        );
      case 'name':
        return this.#names();
      case 'names':
        return this.#names().map(({ start }) => ({ start, end: this.#follow(LIST, start) }));
      case 'place':
        return this.#names().map(({ start }) => ({ start, end: this.#follow(PLACE, start) }));
    }
  }

  #names(): readonly Candidate[] {
    return namesIn(this.#sentence).map(({ name, start }) => ({ start, end: start + name.length }));
  }

  #follow(pattern: RegExp, start: number): number {
    pattern.lastIndex = start;
    const found = pattern.exec(this.#sentence)?.[0] ?? '';
    return start + found.replace(/[.'’\s]+$/u, '').length;
  }
}

const LIST = new RegExp(
  String.raw`${NAME}(?:, (?:and )?${NAME}){0,8}(?:,? (?:and|&) ${NAME})?`,
  'uy',
);
const PLACE = new RegExp(String.raw`${NAME}(?:, ${NAME}){0,2}`, 'uy');

const isCurrency = (unit: string | undefined): boolean =>
  unit !== undefined && /^(?:[$€£¥₹]|USD|EUR|GBP)$/u.test(unit);
