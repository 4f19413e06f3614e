import { isJsonObject, type Json } from '../base/json.ts';
import type { Path } from './parsed-document.ts';

type Schema = Readonly<Record<string, Json | undefined>>;

/** A value that the schema does not take, as far as a hint needs it. */
interface WrongValue {
  readonly path: Path;
  readonly keyword: string;
  /** The value of the keyword in the schema, and the schema around it. */
  readonly schema: Json;
  readonly parentSchema: Schema;
  readonly data: Json;
}

/** How to write a value that is of the wrong type or form, by the schema's own example. */
export function valueHint(value: WrongValue): string {
  const { keyword, schema, parentSchema, path, data } = value;
  const limit = Number(schema);
  switch (keyword) {
    case 'maxLength':
      return `shorten it by ${counted(lengthOf(data) - limit, 'character')}`;
    case 'maxItems':
    case 'maxProperties':
      return `take out ${counted(lengthOf(data) - limit, 'entry', 'entries')}`;
    case 'uniqueItems':
      return 'remove one of the two';
    default:
  }
  const example = repaired(value) ?? exampleOf(parentSchema);
  if (example !== undefined) return `write it like this: ${keyed(path, example)}`;
  if (keyword === 'type' && [schema].flat().includes('string') && isPlain(data)) {
    return `put quotes around it: "${data}"`;
  }
  return `write ${plainForm(schema)}, or remove it`;
}

/** How to add a key that is missing. `schema` is that of the mapping it is missing from. */
export function missingKeyHint(key: string, schema: Schema): string {
  const example = exampleOf(membersOf(schema)[key]);
  return example === undefined ? `add "${key}: …"` : `add it like this: ${keyed([key], example)}`;
}

/** What to take where a value is none of a list: the list is in the message. */
export function choiceHint({ path, parentSchema, schema }: WrongValue): string {
  const example = exampleOf(parentSchema) ?? [schema].flat()[0];
  return `choose one of them, such as ${keyed(path, example as Json)}`;
}

/** The number next to one that is out of range. */
export function rangeHint({ path, keyword, schema }: WrongValue): string {
  const nearest = keyed(path, schema);
  switch (keyword) {
    case 'minimum':
      return `write "${nearest}" or more`;
    case 'maximum':
      return `write "${nearest}" or less`;
    default:
      return `write a number ${keyword === 'exclusiveMinimum' ? 'above' : 'below'} ${flow(schema)}`;
  }
}

/** What was written, brought into form where that is plain to see. */
function repaired({ keyword, schema, parentSchema, data }: WrongValue): Json | undefined {
  if (typeof data !== 'string') return undefined;
  if (keyword === 'pattern' && typeof schema === 'string') {
    const name = data.toLowerCase().replace(/[^a-z0-9_]+/gu, '-');
    return new RegExp(schema, 'u').test(name) ? name : undefined;
  }
  const { items } = parentSchema;
  const takesTexts = isJsonObject(items) && items['type'] === 'string';
  return keyword === 'type' && takesTexts && data !== '' ? [data] : undefined;
}

const isPlain = (data: Json): data is number | boolean =>
  typeof data === 'number' || typeof data === 'boolean';

const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;

const lengthOf = (data: Json): number =>
  typeof data === 'string'
    ? data.length
    : typeof data === 'object' && data !== null
      ? Object.keys(data).length
      : 0;

const membersOf = (schema: Schema): Readonly<Record<string, Schema | undefined>> =>
  (schema['properties'] ?? {}) as Readonly<Record<string, Schema | undefined>>;

function exampleOf(schema: Schema | undefined): Json | undefined {
  const examples = schema?.['examples'];
  return Array.isArray(examples) ? (examples[0] as Json | undefined) : undefined;
}

/** `ttl: 30d`; an entry of a list stands alone. */
function keyed(path: Path, value: Json): string {
  const last = String(path.at(-1));
  return /^\d+$/u.test(last) ? flow(value) : `${last}: ${flow(value)}`;
}

/** A value in one line of YAML. */
function flow(value: Json): string {
  if (Array.isArray(value)) {
    return `[${value.map((item: Json) => flow(item)).join(', ')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(([key, member]) => `${key}: ${flow(member as Json)}`);
    return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
  }
  return typeof value === 'string' && isPlainText(value) ? value : JSON.stringify(value);
}

/** Whether YAML reads it as a text without quotes. */
const isPlainText = (text: string): boolean =>
  /^\w[\w./ -]*$/u.test(text) &&
  !/^(?:true|false|null)$/iu.test(text) &&
  Number.isNaN(Number(text));

const FORMS: Readonly<Record<string, string>> = {
  array: 'a list such as [a, b]',
  object: 'a mapping such as { name: value }',
  boolean: 'true or false without quotes',
  integer: 'a whole number such as 10',
  number: 'a number such as 2.5',
  string: 'a text in quotes',
};

const plainForm = (types: Json): string => {
  const [first] = [types].flat();
  return (typeof first === 'string' ? FORMS[first] : undefined) ?? 'another value';
};
