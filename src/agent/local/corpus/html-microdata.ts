import type { EmbeddedFact } from './document.ts';
import { PlainText, wholeSpan, type Span } from './plain-text.ts';

interface Scope {
  readonly depth: number;
  readonly thing: number;
  readonly path: readonly string[];
}

interface Capture {
  readonly depth: number;
  readonly thing: number;
  readonly label: string;
  readonly text: PlainText;
}

interface Place {
  readonly depth: number;
  readonly start: number;
  /** The tag itself, to find an attribute's value in it. */
  readonly tag: string;
}

type Attributes = Readonly<Record<string, string>>;

/** Attributes that hold the value of a property in place of the text. */
const VALUES = ['content', 'datetime', 'href', 'src', 'value'] as const;
const IGNORED = /^(?:image|logo)$/u;

/** Microdata (`itemprop`) and RDFa (`property` below `typeof`), element by element. */
export class Microdata {
  readonly types: string[] = [];
  readonly #facts: EmbeddedFact[] = [];
  readonly #scopes: Scope[] = [];
  readonly #captures: Capture[] = [];
  #things = 0;

  open(name: string, attributes: Attributes, place: Place): void {
    const owner = this.#scopes.at(-1);
    const label = attributes['itemprop'] ?? (owner && attributes['property']);
    if (attributes['itemscope'] !== undefined || attributes['typeof'] !== undefined) {
      this.#openScope(owner, label, attributes['itemtype'] ?? attributes['typeof'], place.depth);
    } else if (owner !== undefined && label !== undefined && !IGNORED.test(plain(label))) {
      this.#property(owner, plain(label), name, attributes, place);
    }
  }

  /** A thing by itself, or the value of a property of the thing around it. */
  #openScope(
    owner: Scope | undefined,
    label: string | undefined,
    type: string | undefined,
    depth: number,
  ): void {
    if (owner !== undefined && label !== undefined) {
      this.#scopes.push({ depth, thing: owner.thing, path: [...owner.path, plain(label)] });
      return;
    }
    this.#scopes.push({ depth, thing: this.#things++, path: [] });
    if (type !== undefined) this.types.push(plain(type).toLowerCase());
  }

  #property(
    { thing, path }: Scope,
    label: string,
    name: string,
    attributes: Attributes,
    place: Place,
  ): void {
    const last = path.at(-1);
    const words = label === 'name' && last !== undefined ? path : [...path, label];
    const key = VALUES.find(
      (attribute) =>
        attributes[attribute] !== undefined &&
        (attribute !== 'href' || /^(?:url|sameAs|email|telephone)$/u.test(label)) &&
        (attribute !== 'value' || name === 'data' || name === 'meter'),
    );
    const value = key === undefined ? undefined : attributes[key]?.replace(/^(?:mailto|tel):/u, '');
    if (value === undefined) {
      const text = new PlainText();
      this.#captures.push({ depth: place.depth, thing, label: words.join(' '), text });
      return;
    }
    const at = place.tag.indexOf(value);
    if (at === -1 || value.trim() === '') return;
    const span = { start: place.start + at, end: place.start + at + value.length };
    this.#add(thing, words.join(' '), value, span);
  }

  text(text: string, start: number, end: number): void {
    for (const capture of this.#captures) capture.text.append(text, start, end);
  }

  close(depth: number): void {
    while (this.#captures.at(-1)?.depth === depth) {
      const capture = this.#captures.pop();
      if (capture === undefined || capture.text.empty) continue;
      const { thing, label, text } = capture;
      this.#add(thing, label, text.text.trim(), wholeSpan(text));
    }
    if (this.#scopes.at(-1)?.depth === depth) this.#scopes.pop();
  }

  #add(thing: number, label: string, text: string, span: Span): void {
    this.#facts.push({ thing, label, text, span, method: 'microdata', several: false });
  }

  /** All facts; things are numbered from `first`. */
  facts(first: number): readonly EmbeddedFact[] {
    const key = ({ thing, label }: EmbeddedFact): string => `${thing} ${label}`;
    const counts = new Map<string, number>();
    for (const fact of this.#facts) counts.set(key(fact), (counts.get(key(fact)) ?? 0) + 1);
    return this.#facts.map((fact) => ({
      ...fact,
      thing: first + fact.thing,
      several: (counts.get(key(fact)) ?? 0) > 1,
    }));
  }
}

/** `https://schema.org/Organization` and `schema:Organization` are `Organization`. */
const plain = (name: string): string => name.trim().replace(/^.*[/#:]/u, '');
