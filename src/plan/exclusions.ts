import { canonicalJson, type JsonObject } from '../base/json.ts';
import { KeySet } from '../base/key-set.ts';
import { normalizeKeyPart } from '../base/record-key.ts';
import { SetDigest } from './set-digest.ts';

/** Records sent with one request; the API takes them as advice, so the rest is enforced here. */
const MOST_SENT = 1_000;
const MOST_SENT_CHARACTERS = 200_000;

/**
 * Records that a step must not return: sent with its requests and enforced on its answers.
 *
 * A returned record is excluded when it agrees, after normalising, with an exclusion in the key
 * columns of the step that the exclusion has; one that has none of them is compared in its own
 * columns, and, when it is a single value, with a single key too.
 */
export class ExclusionList {
  readonly #key: readonly string[];
  readonly #digest = new SetDigest();
  readonly #sets = new Map<string, { columns: readonly string[]; values: KeySet }>();
  readonly #own: JsonObject[] = [];
  readonly #others: JsonObject[] = [];
  #ownCharacters = 0;
  #otherCharacters = 0;
  #size = 0;

  constructor(key: readonly string[] | undefined) {
    this.#key = key ?? [];
  }

  /** All exclusions, sent or not. */
  get size(): number {
    return this.#size;
  }

  /**
   * Of all exclusions but the step's own earlier records: those change with every answer, and a
   * step whose request they changed would never be up to date. Undefined when there are none.
   */
  get digest(): string | undefined {
    return this.#size === 0 || this.#othersCount === 0 ? undefined : this.#digest.toString();
  }

  #othersCount = 0;

  add(record: JsonObject, own: boolean): void {
    this.#size++;
    const text = canonicalJson(record);
    if (own) {
      this.#ownCharacters = keep(this.#own, record, text.length, this.#ownCharacters);
    } else {
      this.#othersCount++;
      this.#digest.add(text);
      this.#otherCharacters = keep(this.#others, record, text.length, this.#otherCharacters);
    }
    this.#index(record);
  }

  /** What goes into the request: the step's own records first, since they come back likeliest. */
  toSend(): readonly JsonObject[] {
    let characters = this.#ownCharacters;
    const sent = [...this.#own];
    for (const record of this.#others) {
      characters += canonicalJson(record).length;
      if (sent.length >= MOST_SENT || characters > MOST_SENT_CHARACTERS) break;
      sent.push(record);
    }
    return sent;
  }

  /** The exclusion that a returned record runs into, for a person; undefined when it is free. */
  match(record: JsonObject): string | undefined {
    for (const { columns, values } of this.#sets.values()) {
      const parts = columns.map((column) => normalizeKeyPart(record[column]));
      if (!parts.includes('') && values.has(JSON.stringify(parts))) {
        return columns.map((column) => `${column} ${JSON.stringify(record[column])}`).join(', ');
      }
    }
    return undefined;
  }

  #index(record: JsonObject): void {
    const columns = Object.keys(record).filter((column) => normalizeKeyPart(record[column]) !== '');
    const shared = this.#key.filter((column) => columns.includes(column));
    if (shared.length > 0) return this.#put(shared, record, shared);
    if (columns.length === 0) return;
    this.#put(columns, record, columns);
    if (columns.length === 1 && this.#key.length === 1) this.#put(this.#key, record, columns);
  }

  #put(columns: readonly string[], record: JsonObject, from: readonly string[]): void {
    const id = JSON.stringify(columns);
    let set = this.#sets.get(id);
    if (set === undefined) {
      set = { columns, values: new KeySet() };
      this.#sets.set(id, set);
    }
    set.values.add(JSON.stringify(from.map((column) => normalizeKeyPart(record[column]))));
  }
}

/** Keeps the newest records within the limits; gives the characters kept. */
function keep(list: JsonObject[], record: JsonObject, size: number, characters: number): number {
  let total = characters + size;
  list.push(record);
  while (list.length > MOST_SENT || (total > MOST_SENT_CHARACTERS && list.length > 1)) {
    const oldest = list.shift();
    total -= oldest === undefined ? 0 : canonicalJson(oldest).length;
  }
  return total;
}
