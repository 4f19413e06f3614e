import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { deep, DRAFT_07, lint, V2019, V2020, withA } from './schema-checking.ts';

// First in the file: later tests load the validator.
test('a schema can be read without loading the validator', () => {
  lint(withA({ type: 'string', format: 'uri' }));
  const loaded = Object.keys(createRequire(import.meta.url).cache);
  expect(loaded.filter((file) => file.includes('/node_modules/ajv/dist/compile/'))).toEqual([]);
});

describe('what is wrong with a schema is told with its place', () => {
  test.each<[string, unknown, string]>([
    [
      '69 a list',
      [],
      'E-S69 : a schema must be a JSON object (start with { "type": "object", "properties": { … } })',
    ],
    [
      '69 true',
      true,
      'E-S69 : a schema must be a JSON object (start with { "type": "object", "properties": { … } })',
    ],
    [
      '69 a part',
      withA('string'),
      'E-S69 /properties/a: a schema must be an object, true or false (write a schema such as { "type": "string" })',
    ],
    [
      '69 an unknown type',
      withA({ type: 'strng' }),
      'E-S69 /properties/a/type: there is no type "strng" (did you mean "string"?)',
    ],
    [
      '69 a form',
      withA({ type: 7 }),
      'E-S69 /properties/a/type: "type" must be one of string, number, integer, boolean, object, array, null, or a list of them (write it as in "type": "string")',
    ],
    [
      '69 required as text',
      withA({}, { required: 'a' }),
      'E-S69 /required: "required" must be a list of names (write it as in "required": ["name"])',
    ],
    [
      '69 a limit as text',
      withA({ maxItems: '3' }),
      'E-S69 /properties/a/maxItems: "maxItems" must be a whole number, zero or more (write it as in "maxItems": 10)',
    ],
    [
      '69 draft-04 bounds',
      withA({ minimum: 1, exclusiveMinimum: true }),
      'E-S69 /properties/a/exclusiveMinimum: "exclusiveMinimum" must be a number (write it as in "exclusiveMinimum": 10)',
    ],
    [
      '69 nullable alone',
      withA({ nullable: true }),
      'E-S69 /properties/a/nullable: "nullable" needs a "type" beside it (write "type": ["string", "null"] in its place)',
    ],
    [
      '69 an empty choice',
      withA({ anyOf: [] }),
      'E-S69 /properties/a/anyOf: "anyOf" must be a list with at least one schema (write it as in "anyOf": [{ "type": "string" }, { "type": "null" }])',
    ],
    [
      '70 bytes',
      withA({ description: 'x'.repeat(64 * 1024) }),
      'E-S70 : the schema has 65 KB; at most 64 KB are allowed (ask for fewer and flatter properties)',
    ],
    [
      '70 depth',
      deep(16),
      'E-S70 /properties/a/properties/a/properties/a/properties/a/properties/a/properties/a/properties/a/properties/a/properties/a/properties/a/properties/a/properties/a/properties/a/properties/a/properties/a/properties/a: schemas are nested more than 16 deep (ask for fewer and flatter properties)',
    ],
    [
      '70 parts',
      { type: 'object', properties: many(1_000) },
      'E-S70 : the schema has more than 1000 parts (ask for fewer and flatter properties)',
    ],
    [
      '71 http',
      withA({ $ref: 'https://example.com/a.json#/x' }),
      'E-S71 /properties/a/$ref: "https://example.com/a.json#/x" is not a place in this schema (copy what it names into "$defs" and refer to "#/$defs/…")',
    ],
    [
      '71 file',
      withA({ $ref: '../secrets.json' }),
      'E-S71 /properties/a/$ref: "../secrets.json" is not a place in this schema (copy what it names into "$defs" and refer to "#/$defs/…")',
    ],
    [
      '71 anchor',
      withA({ $ref: '#person' }),
      'E-S71 /properties/a/$ref: "#person" is not a place in this schema (copy what it names into "$defs" and refer to "#/$defs/…")',
    ],
    [
      '71 nowhere',
      withA({ $ref: '#/$defs/persn' }, { $defs: { person: {} } }),
      'E-S71 /properties/a/$ref: there is nothing at "#/$defs/persn" (did you mean "#/$defs/person"?)',
    ],
    [
      '71 upward',
      withA({ $ref: '#/../../etc' }),
      'E-S71 /properties/a/$ref: there is nothing at "#/../../etc" (put the schema under "$defs", and refer to "#/$defs/<name>")',
    ],
    [
      '71 dynamic',
      withA({ $dynamicRef: '#x' }),
      'E-S71 /properties/a/$dynamicRef: "$dynamicRef" is not supported (use "$ref" with "#/…")',
    ],
    [
      '72 itself',
      { $ref: '#' },
      'E-S72 : the schema contains itself: # -> # (write out the levels that are needed)',
    ],
    [
      '72 through a property',
      withA({ type: 'array', items: { $ref: '#' } }),
      'E-S72 /properties/a/items: the schema contains itself: # -> #/properties/a -> #/properties/a/items -> # (write out the levels that are needed)',
    ],
    [
      '72 through definitions',
      withA(
        { $ref: '#/$defs/x' },
        {
          $defs: {
            x: { not: { $ref: '#/$defs/y' } },
            y: { properties: { z: { $ref: '#/$defs/x' } } },
          },
        },
      ),
      'E-S72 /$defs/y/properties/z: the schema contains itself: #/$defs/x -> #/$defs/x/not -> #/$defs/y -> #/$defs/y/properties/z -> #/$defs/x (write out the levels that are needed)',
    ],
    [
      '73 draft-04',
      withA({}, { $schema: 'http://json-schema.org/draft-04/schema#' }),
      `E-S73 /$schema: "$schema" is not a dialect that agents know: "http://json-schema.org/draft-04/schema#" (use one of http://json-schema.org/draft-07/schema, ${V2019}, ${V2020})`,
    ],
    [
      '74 prefixItems in draft-07',
      withA({ prefixItems: [{}] }, { $schema: DRAFT_07 }),
      `E-S74 /properties/a/prefixItems: "prefixItems" does not exist in draft-07 (use "$schema": "${V2020}")`,
    ],
    [
      '74 prefixItems in 2019-09',
      withA({ prefixItems: [{}] }, { $schema: V2019 }),
      `E-S74 /properties/a/prefixItems: "prefixItems" does not exist in 2019-09 (use "$schema": "${V2020}")`,
    ],
    [
      '74 dependentRequired in draft-07',
      withA({}, { $schema: DRAFT_07, dependentRequired: { a: ['a'] } }),
      `E-S74 /dependentRequired: "dependentRequired" does not exist in draft-07 (use "$schema": "${V2020}")`,
    ],
    [
      '74 a list of items in 2020-12',
      withA({ items: [{}] }, { $schema: V2020 }),
      'E-S74 /properties/a/items: a list under "items" does not exist in 2020-12 (use "prefixItems")',
    ],
    [
      '74 additionalItems in 2020-12',
      withA({ additionalItems: false }, { $schema: V2020 }),
      `E-S74 /properties/a/additionalItems: "additionalItems" does not exist in 2020-12 (use "$schema": "${V2019}")`,
    ],
    [
      '74 both forms of a tuple',
      withA({ items: [{}], prefixItems: [{}] }),
      'E-S74 /properties/a/prefixItems: "prefixItems" does not exist in 2019-09 (do not mix "prefixItems" with lists under "items")',
    ],
    [
      '75 a typo',
      withA({}, { requried: ['a'] }),
      'E-S75 /requried: "requried" is not a keyword of JSON Schema (did you mean "required"?)',
    ],
    [
      '75 no keyword',
      withA({ placeholder: 'Acme' }),
      'E-S75 /properties/a/placeholder: "placeholder" is not a keyword of JSON Schema (names of your own start with "x-")',
    ],
    [
      '76 a typo',
      withA({ format: 'emial' }),
      'warning E-S76 /properties/a/format: the format "emial" is unknown and is not checked (did you mean "email"?)',
    ],
    [
      '76 one of their own',
      withA({ format: 'stock-symbol' }),
      'warning E-S76 /properties/a/format: the format "stock-symbol" is unknown and is not checked (the agent still sees it)',
    ],
    [
      '77 a bracket',
      withA({ pattern: '[a-' }),
      'E-S77 /properties/a/pattern: the pattern "[a-" is not a regular expression: missing closing ] (mend it, or write characters that stand for themselves in brackets, such as [(] or [*])',
    ],
    [
      '77 in a name',
      withA({}, { patternProperties: { '(': {} } }),
      'E-S77 /patternProperties/(: the pattern "(" is not a regular expression: missing closing ) (mend it, or write characters that stand for themselves in brackets, such as [(] or [*])',
    ],
    [
      '78 look-ahead',
      withA({ pattern: '^(?!x)a' }),
      'E-S78 /properties/a/pattern: the pattern "^(?!x)a" cannot be used: look-ahead and look-behind are not supported (use minLength, maxLength, enum or a simpler pattern)',
    ],
    [
      '78 look-behind',
      withA({ pattern: '(?<=x)a' }),
      'E-S78 /properties/a/pattern: the pattern "(?<=x)a" cannot be used: look-ahead and look-behind are not supported (use minLength, maxLength, enum or a simpler pattern)',
    ],
    [
      '78 back-reference',
      withA({ pattern: '(a)\\1' }),
      'E-S78 /properties/a/pattern: the pattern "(a)\\1" cannot be used: back-references are not supported (use minLength, maxLength, enum or a simpler pattern)',
    ],
    [
      '78 named back-reference',
      withA({ pattern: '(?<x>a)\\k<x>' }),
      'E-S78 /properties/a/pattern: the pattern "(?<x>a)\\k<x>" cannot be used: back-references are not supported (use minLength, maxLength, enum or a simpler pattern)',
    ],
    [
      '78 too many times',
      withA({ pattern: 'a{2000}' }),
      'E-S78 /properties/a/pattern: the pattern "a{2000}" cannot be used: something is repeated more than 1,000 times (use minLength, maxLength, enum or a simpler pattern)',
    ],
    [
      '78 too large',
      withA({ pattern: '(?:abcdefghijkl){1,999}' }),
      'E-S78 /properties/a/pattern: the pattern "(?:abcdefghijkl){1,999}" cannot be used: the patterns of the schema are too large together (use minLength, maxLength, enum or a simpler pattern)',
    ],
    [
      '79 required',
      withA({}, { required: ['a', 'bb'] }),
      'E-S79 /required/1: "bb" is required, but is not one of the properties (properties: a)',
    ],
    [
      '79 required, a typo',
      { type: 'object', properties: { domain: {} }, required: ['domian'] },
      'E-S79 /required/0: "domian" is required, but is not one of the properties (did you mean "domain"?)',
    ],
    [
      '79 nothing described',
      { type: 'object', required: ['x'] },
      'E-S79 /required/0: "x" is required, but is not one of the properties (describe it under "properties")',
    ],
    [
      '80 a property',
      JSON.parse('{"type":"object","properties":{"__proto__":{}}}'),
      'E-S80 /properties/__proto__: "__proto__" cannot be the name of a property (rename it)',
    ],
    [
      '80 required',
      JSON.parse('{"type":"object","properties":{"__proto__":{}},"required":["__proto__"]}'),
      'E-S80 /properties/__proto__: "__proto__" cannot be the name of a property (rename it)\nE-S80 /required/0: "__proto__" cannot be the name of a property (rename it)',
    ],
    [
      '80 dependentRequired',
      withA({}, { dependentRequired: { a: ['__proto__'] } }),
      'E-S80 /dependentRequired/a/0: "__proto__" cannot be the name of a property (rename it)',
    ],
    [
      '81 items',
      withA({ minItems: 3, maxItems: 2 }),
      'E-S81 /properties/a/minItems: "minItems" 3 and "maxItems" 2 leave no value (write a "minItems" of at most 2, or a "maxItems" of at least 3)',
    ],
    [
      '81 lengths',
      withA({ minLength: 3, maxLength: 2 }),
      'E-S81 /properties/a/minLength: "minLength" 3 and "maxLength" 2 leave no value (write a "minLength" of at most 2, or a "maxLength" of at least 3)',
    ],
    [
      '81 exclusive',
      withA({ exclusiveMinimum: 2, maximum: 2 }),
      'E-S81 /properties/a/exclusiveMinimum: "exclusiveMinimum" 2 and "maximum" 2 leave no value (lower "exclusiveMinimum" or raise "maximum")',
    ],
    [
      '81 required and maxProperties',
      withA({}, { required: ['a'], maxProperties: 0 }),
      'E-S81 /maxProperties: "required" names more than the 0 properties that "maxProperties" allows (raise "maxProperties" to 1, or require fewer)',
    ],
    [
      '81 no values',
      withA({ enum: [] }),
      'E-S81 /properties/a/enum: "enum" has no values, so no value can fit (list the values that are allowed, or remove "enum")',
    ],
    [
      '81 const and enum',
      withA({ const: 'c', enum: ['a', 'b'] }),
      'E-S81 /properties/a/const: "const" is not one of the values under "enum" (remove "enum": "const" alone says it)',
    ],
    [
      '81 type and enum',
      withA({ type: 'integer', enum: ['a', 1.5] }),
      'E-S81 /properties/a/enum: no value under "enum" is of the type integer (change the "type", or the values)',
    ],
    [
      '81 type and const',
      withA({ type: ['string', 'null'], const: 5 }),
      'E-S81 /properties/a/const: no value under "const" is of the type string or null (change the "type", or the values)',
    ],
    [
      '82 e-mail',
      withA({ type: 'array', items: { type: 'string', format: 'email' } }),
      'warning E-S82 /properties/a: e-mail addresses at /properties/a/items are charged one by one, and this list of them has no limit (add "maxItems")',
    ],
    [
      '82 in a record',
      withA(
        { type: 'array', items: { $ref: '#/$defs/p' } },
        { $defs: { p: { properties: { tel: { type: 'string', format: 'phone' } } } } },
      ),
      'warning E-S82 /properties/a: telephone numbers at /$defs/p/properties/tel are charged one by one, and this list of them has no limit (add "maxItems")',
    ],
    [
      '83 unique objects',
      withA({ type: 'array', items: { type: 'object' }, uniqueItems: true }),
      'E-S83 /properties/a/uniqueItems: "uniqueItems" compares each item with each, and there is no limit to them (add "maxItems", or let "key" find duplicates)',
    ],
    [
      '84 $data',
      withA({ minimum: { $data: '1/b' } }),
      'E-S84 /properties/a/minimum: "$data" is not supported (write the value out)',
    ],
    [
      '84 $async',
      withA({}, { $async: true }),
      'E-S84 /$async: "$async" is not a keyword of JSON Schema (remove it)',
    ],
    [
      '84 of one validator',
      withA({ format: 'date', formatMinimum: '2020-01-01' }),
      'E-S84 /properties/a/formatMinimum: "formatMinimum" is not a keyword of JSON Schema (remove it)',
    ],
    [
      '85 a dialect',
      withA({}, { $id: V2020 }),
      `E-S85 /$id: "${V2020}" is the name of a dialect, not of this schema (write it under "$schema", and remove "$id")`,
    ],
    [
      '85 twice',
      {
        type: 'object',
        properties: { a: { $id: 'https://x.test/a' }, b: { $id: 'https://x.test/a' } },
      },
      'E-S85 /properties/b/$id: "https://x.test/a" is also the "$id" at /properties/a/$id (give each its own, or remove one: agents do not need it)',
    ],
    [
      '85 with references below it',
      withA({ $id: 'https://x.test/a', items: { $ref: '#/$defs/x' } }, { $defs: { x: {} } }),
      'E-S85 /properties/a/$id: references below an "$id" of their own are not supported (remove this "$id")',
    ],
    [
      '86 a list at the root',
      { type: 'array', items: {} },
      'warning E-S86 : the root of the schema does not have "type": "object" (put the value into a property of an object)',
    ],
    [
      '86 nothing at the root',
      {},
      'warning E-S86 : the root of the schema does not have "type": "object" (put the value into a property of an object)',
    ],
    [
      '87 branches',
      withA({
        anyOf: Array.from({ length: 40 }, () => ({})),
        oneOf: Array.from({ length: 25 }, () => ({})),
      }),
      'E-S87 : anyOf and oneOf have 65 branches together; at most 64 are allowed (ask for a text, and sort the cases out in SQL)',
    ],
  ])('%s', (_, schema, expected) => {
    expect(lint(schema)).toBe(expected);
  });

  test('all problems are told at once, each once', () => {
    const shared = { $defs: { x: { typo: 1 } } };
    const schema = {
      type: 'object',
      properties: { a: { $ref: '#/$defs/x' }, b: { $ref: '#/$defs/x' }, c: { type: 'txt' } },
      ...shared,
    };
    expect(
      lint(schema)
        .split('\n')
        .map((line) => line.split(':')[0]),
    ).toEqual(['E-S75 /$defs/x/typo', 'E-S69 /properties/c/type']);
  });

  test('definitions that nothing uses are read too', () => {
    expect(lint(withA({}, { $defs: { x: { properties: { y: { tpye: 'string' } } } } }))).toContain(
      'E-S75 /$defs/x/properties/y/tpye',
    );
  });

  test('names with "/" and "~" are escaped in pointers', () => {
    expect(lint({ type: 'object', properties: { 'a/b~c': { tipe: 1 } } })).toContain(
      'E-S75 /properties/a~1b~0c/tipe',
    );
  });
});

function many(count: number): object {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, {}]));
}
