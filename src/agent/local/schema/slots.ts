import { isJsonObject, type Json, type JsonObject } from '../../../base/json.ts';
import { recordArrays, recordProperties } from '../../output-schema.ts';
import { attribute, nameWords, inMetres, unitOf, factorOf } from '../text/words.ts';

/** A property to fill, of each record or of the one object. */
export interface Slot {
  /** Names from the record down to the value. */
  readonly path: readonly string[];
  /** Words of the name without its unit. */
  readonly words: readonly string[];
  readonly unit: string | undefined;
  readonly factor: number;
  readonly description: string;
  readonly types: ReadonlySet<string>;
  readonly format: string | undefined;
  readonly options: readonly Json[] | undefined;
  /** Types of the items, for a list. */
  readonly itemTypes: ReadonlySet<string>;
  /** A record without a value for it is not what the schema asks for. */
  readonly needed: boolean;
}

/** `address.city` */
export const nameOf = (slot: Slot): string => slot.path.join('.');

/** What a schema asks for: a list of records somewhere in it, or one object. */
export type Shape =
  | {
      readonly kind: 'list';
      /** The property that holds the list; undefined when the output itself is the list. */
      readonly property: string | undefined;
      readonly slots: readonly Slot[];
      readonly maxItems: number | undefined;
      /** Other required properties beside the list: they are null. */
      readonly beside: readonly string[];
    }
  | { readonly kind: 'object'; readonly slots: readonly Slot[] }
  | { readonly kind: 'none' };

/** The list whose items have the most properties is the one to fill. */
export function shapeOf(schema: JsonObject | undefined): Shape {
  if (schema === undefined) return { kind: 'none' };
  const root = recordProperties(schema, { kind: 'root-array' });
  if (root !== undefined) {
    return {
      kind: 'list',
      property: undefined,
      slots: slotsOf(root, schema['items']),
      maxItems: count(schema),
      beside: [],
    };
  }
  const properties = recordProperties(schema, { kind: 'object' }) ?? new Map<string, JsonObject>();
  const lists = recordArrays(schema).map((property) => {
    const array = properties.get(property) ?? {};
    const items = recordProperties(schema, { kind: 'array', property }) ?? new Map();
    return { property, maxItems: count(array), slots: slotsOf(items, array['items']) };
  });
  const [best] = lists.toSorted((a, b) => b.slots.length - a.slots.length);
  if (best === undefined) return { kind: 'object', slots: slotsOf(properties, schema) };
  const beside = requiredOf(schema).filter((name) => name !== best.property);
  return { kind: 'list', ...best, beside };
}

const count = (array: JsonObject): number | undefined =>
  typeof array['maxItems'] === 'number' ? array['maxItems'] : undefined;

const requiredOf = (schema: Json | undefined): readonly string[] =>
  isJsonObject(schema) && Array.isArray(schema['required'])
    ? (schema['required'] as readonly Json[]).filter((name) => typeof name === 'string')
    : [];

function slotsOf(
  properties: ReadonlyMap<string, JsonObject>,
  owner: Json | undefined,
  above: readonly string[] = [],
  needed = true,
): readonly Slot[] {
  const required = new Set(requiredOf(owner));
  return [...properties].flatMap(([name, property]) => {
    const inner = property['properties'];
    if (isJsonObject(inner) && above.length < 4) {
      const parts = Object.entries(inner).flatMap(([key, value]) =>
        isJsonObject(value) ? [[key, value] as const] : [],
      );
      return slotsOf(new Map(parts), property, [...above, name], needed && required.has(name));
    }
    return [slotOf([...above, name], property, needed && required.has(name))];
  });
}

function slotOf(path: readonly string[], schema: JsonObject, required: boolean): Slot {
  const words = nameWords(path.at(-1) ?? '');
  const plain = words.filter(
    (word, at) => at === 0 || (unitOf(word) === undefined && factorOf(word, false) === undefined),
  );
  const { description, format, items } = schema;
  return {
    path,
    words: plain,
    unit: inMetres(words) ? 'm' : words.slice(1).map(unitOf).find(Boolean),
    factor:
      words
        .slice(1)
        .map((word) => (inMetres(words) && word === 'm' ? undefined : factorOf(word, false)))
        .find(Boolean) ?? 1,
    description: typeof description === 'string' ? description : '',
    types: typesOf(schema),
    format: typeof format === 'string' ? format : undefined,
    options: optionsOf(schema),
    itemTypes: isJsonObject(items) ? typesOf(items) : new Set(),
    needed: required && !isNullable(schema),
  };
}

/** Whether null is a value that the schema allows. */
function isNullable(schema: JsonObject): boolean {
  const options = optionsOf(schema);
  if (options !== undefined && !options.includes(null)) return false;
  const branches = (schema['anyOf'] ?? schema['oneOf']) as Json | undefined;
  if (schema['type'] === undefined && options === undefined && branches === undefined) return true;
  return typesOf(schema).has('null');
}

/** The types a schema allows; all plain ones when it names none. */
function typesOf(schema: JsonObject): ReadonlySet<string> {
  const { type } = schema;
  if (typeof type === 'string') return new Set([type]);
  if (Array.isArray(type)) return new Set((type as readonly Json[]).map(String));
  const options = optionsOf(schema);
  if (options !== undefined) return new Set(options.map(typeOf));
  const branches = (schema['anyOf'] ?? schema['oneOf']) as Json | undefined;
  if (Array.isArray(branches)) {
    const types = (branches as readonly Json[]).flatMap((branch) =>
      isJsonObject(branch) ? [...typesOf(branch)] : [],
    );
    return new Set(types);
  }
  return new Set(['string', 'number', 'boolean', 'array']);
}

const typeOf = (value: Json): string =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;

function optionsOf(schema: JsonObject): readonly Json[] | undefined {
  if (schema['const'] !== undefined) return [schema['const']];
  return Array.isArray(schema['enum']) ? (schema['enum'] as readonly Json[]) : undefined;
}

/** The slot is for the address of the source of a record, not for a fact about it. */
export const isSourceSlot = (slot: Slot): boolean => {
  const words = slot.words.map(attribute);
  return (
    words.some((word) => /^(?:source|citation|evidence|reference)$/u.test(word)) &&
    words.every((word) =>
      /^(?:source|citation|evidence|reference|website|link|uri)$/u.test(word),
    ) &&
    slot.types.has('string')
  );
};
