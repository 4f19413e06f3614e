import { isJsonObject, type Json } from '../base/json.ts';
import { quoteIdentifier } from '../duckdb/quote.ts';

/** Deeper or wider values keep their JSON: a STRUCT of a thousand fields helps nobody. */
const [MAX_DEPTH, MAX_FIELDS] = [6, 64];

/**
 * The DuckDB type that holds every value it was shown without loss. Texts stay text, also those
 * that look like dates; values of several kinds are `JSON`.
 */
export class Shape {
  readonly #kinds = new Set<'boolean' | 'whole' | 'number' | 'text' | 'list' | 'object'>();
  #item: Shape | undefined;
  readonly #fields = new Map<string, Shape>();

  add(value: Json | undefined): void {
    if (value === null || value === undefined) return;
    if (typeof value === 'string') this.#kinds.add('text');
    else if (typeof value === 'boolean') this.#kinds.add('boolean');
    else if (typeof value === 'number') {
      this.#kinds.add(Number.isSafeInteger(value) ? 'whole' : 'number');
    } else if (isJsonObject(value)) {
      this.#kinds.add('object');
      for (const name in value) this.#field(name)?.add(value[name]);
    } else {
      this.#kinds.add('list');
      this.#item ??= new Shape();
      for (const item of value) this.#item.add(item);
    }
  }

  /** Undefined past the limit: such an object is `JSON` whatever it holds. */
  #field(name: string): Shape | undefined {
    let field = this.#fields.get(name);
    if (field === undefined && this.#fields.size <= MAX_FIELDS) {
      field = new Shape();
      this.#fields.set(name, field);
    }
    return field;
  }

  /** As SQL: `BIGINT`, `STRUCT("a" DOUBLE)[]`, … */
  type(depth = 0): string {
    const fields = [...this.#fields];
    switch (this.#form(depth)) {
      case 'LIST':
        return `${(this.#item ?? new Shape()).type(depth + 1)}[]`;
      case 'STRUCT': {
        const parts = fields.map(([name, s]) => `${quoteIdentifier(name)} ${s.type(depth + 1)}`);
        return `STRUCT(${parts.join(', ')})`;
      }
      case 'JSON':
        return 'JSON';
      case 'SCALAR':
        return this.#scalar();
    }
  }

  /** As the structure that DuckDB's `json_transform` takes. */
  structure(depth = 0): Json {
    switch (this.#form(depth)) {
      case 'LIST':
        return [(this.#item ?? new Shape()).structure(depth + 1)];
      case 'STRUCT':
        return Object.fromEntries(
          [...this.#fields].map(([name, field]) => [name, field.structure(depth + 1)]),
        );
      case 'JSON':
        return 'JSON';
      case 'SCALAR':
        return this.#scalar();
    }
  }

  #form(depth: number): 'LIST' | 'STRUCT' | 'JSON' | 'SCALAR' {
    const [kind, another] = this.#kinds;
    if (another !== undefined) {
      const numeric = [...this.#kinds].every((k) => k === 'whole' || k === 'number');
      return numeric ? 'SCALAR' : 'JSON';
    }
    if (kind === 'list') return depth < MAX_DEPTH ? 'LIST' : 'JSON';
    if (kind === 'object') return depth < MAX_DEPTH && this.#isStruct() ? 'STRUCT' : 'JSON';
    return 'SCALAR';
  }

  /** Whether DuckDB can tell the names of the fields apart. */
  #isStruct(): boolean {
    const names = new Set([...this.#fields.keys()].map((name) => name.toLowerCase()));
    const { size } = this.#fields;
    return size > 0 && size <= MAX_FIELDS && names.size === size && !names.has('');
  }

  #scalar(): string {
    if (this.#kinds.has('number')) return 'DOUBLE';
    if (this.#kinds.has('whole')) return 'BIGINT';
    return this.#kinds.has('boolean') ? 'BOOLEAN' : 'VARCHAR';
  }
}
