import type { Span } from './plain-text.ts';

/** JSON with the place of every value in its file. */
export type JsonNode =
  | { readonly kind: 'object'; readonly entries: readonly (readonly [string, JsonNode])[] }
  | { readonly kind: 'array'; readonly items: readonly JsonNode[] }
  | {
      readonly kind: 'scalar';
      readonly value: string | number | boolean | null;
      /** Without the quotes of a text. */
      readonly span: Span;
      /** As the file writes it, without quotes. */
      readonly text: string;
    };

const MAX_DEPTH = 32;
/** A token of JSON: a text, a mark, or a number or a word. Each alternative begins differently. */
const TOKEN = /\s*(?:"((?:[^"\\]|\\.)*)"|([{}[\]:,])|([^\s"{}[\]:,]+))/suy;

/**
 * Reads JSON that stands at `offset` of a file, with the place of every value; undefined when it is
 * not JSON, or is nested deeper than anything people write.
 */
export function readJsonTree(json: string, offset: number): JsonNode | undefined {
  try {
    JSON.parse(json);
  } catch {
    return undefined;
  }
  return new Reader(json, offset).value(0);
}

class Reader {
  readonly #json: string;
  readonly #offset: number;
  #at = 0;

  constructor(json: string, offset: number) {
    this.#json = json;
    this.#offset = offset;
  }

  value(depth: number): JsonNode | undefined {
    if (depth > MAX_DEPTH) return undefined;
    const token = this.#next();
    if (token?.mark === '{') return this.#object(depth);
    if (token?.mark === '[') return this.#array(depth);
    return token === undefined || token.mark !== undefined ? undefined : scalar(token);
  }

  #object(depth: number): JsonNode | undefined {
    const entries: (readonly [string, JsonNode])[] = [];
    for (;;) {
      const key = this.#next();
      if (key === undefined || key.mark === '}') return { kind: 'object', entries };
      if (key.mark === ',') continue;
      this.#next();
      const value = this.value(depth + 1);
      if (value === undefined) return undefined;
      entries.push([key.quoted ? textOf(key.text) : key.text, value]);
    }
  }

  #array(depth: number): JsonNode | undefined {
    const items: JsonNode[] = [];
    for (;;) {
      const before = this.#at;
      const token = this.#next();
      if (token === undefined || token.mark === ']') return { kind: 'array', items };
      if (token.mark === ',') continue;
      this.#at = before;
      const item = this.value(depth + 1);
      if (item === undefined) return undefined;
      items.push(item);
    }
  }

  #next(): Token | undefined {
    TOKEN.lastIndex = this.#at;
    const match = TOKEN.exec(this.#json);
    if (match === null) return undefined;
    this.#at = TOKEN.lastIndex;
    const [, quoted, mark, bare] = match;
    const text = quoted ?? bare ?? '';
    const end = this.#offset + this.#at - (quoted === undefined ? 0 : 1);
    return { mark, text, quoted: quoted !== undefined, span: { start: end - text.length, end } };
  }
}

interface Token {
  readonly mark: string | undefined;
  readonly text: string;
  readonly quoted: boolean;
  readonly span: Span;
}

const textOf = (text: string): string =>
  text.includes('\\') ? (JSON.parse(`"${text}"`) as string) : text;

const scalar = ({ text, quoted, span }: Token): JsonNode => ({
  kind: 'scalar',
  value: quoted ? textOf(text) : (JSON.parse(text) as number | boolean | null),
  span,
  text: quoted ? textOf(text) : text,
});
