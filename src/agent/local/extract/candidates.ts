import { findQuantities } from '../text/quantity.ts';
import { findDates } from '../text/written-date.ts';
import { bare, NAME, namesIn } from './mentions.ts';
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
        return namesIn(this.#sentence).map(({ name, start }) => ({
          start,
          end: start + name.length,
        }));
      case 'names':
        return this.of('name').map(({ start }) => ({ start, end: this.#follow(LIST, start) }));
      case 'phrase':
        return this.of('name').map(({ start, end }) => ({ start, end: this.#phraseEnd(end) }));
      case 'place':
        return this.of('name').map(({ start }) => ({ start, end: this.#follow(PLACE, start) }));
    }
  }

  /** A name may end with small words: `Afghan afghani`. */
  #phraseEnd(end: number): number {
    SMALL.lastIndex = end;
    return end + (SMALL.exec(this.#sentence)?.[0].length ?? 0);
  }

  #follow(pattern: RegExp, start: number): number {
    pattern.lastIndex = start;
    const found = pattern.exec(this.#sentence)?.[0] ?? '';
    return start + bare(found).length;
  }
}

const SMALL =
  /(?: (?!(?:and|or|in|on|at|with|for|of|to|by|which|who|since|as|but|is|was|are|were|has|a|an|the|it|its|from|after|when|where|while|not|there|here|that)(?![\p{L}]))\p{Ll}[\p{Ll}-]*){1,2}(?=[.,;)]|$| (?:which|as|and)\b)/uy;
const LIST = new RegExp(
  String.raw`${NAME}(?:, (?:and )?${NAME}){0,8}(?:,? (?:and|&) ${NAME})?`,
  'uy',
);
const PLACE = new RegExp(String.raw`${NAME}(?:, ${NAME}){0,2}`, 'uy');

const isCurrency = (unit: string | undefined): boolean =>
  unit !== undefined && /^(?:[$€£¥₹]|USD|EUR|GBP)$/u.test(unit);
