import type { JsonObject } from '../../src/base/json.ts';

const listOf = (properties: JsonObject): JsonObject => ({
  type: 'object',
  properties: { cars: { type: 'array', items: { type: 'object', properties } } },
});

const pattern = (text: string): JsonObject =>
  listOf({ name: { type: 'string', pattern: text }, horsepower: { type: 'number' } });

/** `levels` alternatives of two, one in the other: two to the power of that many branches. */
function doubling(levels: number): JsonObject {
  let branch: JsonObject = { type: 'string' };
  for (let i = 0; i < levels; i++) {
    branch = {
      anyOf: [
        { type: 'object', properties: { a: branch } },
        { type: 'object', properties: { b: branch } },
      ],
    };
  }
  return branch;
}

function deep(levels: number): JsonObject {
  let inner: JsonObject = { type: 'string' };
  for (let i = 0; i < levels; i++) inner = { type: 'object', properties: { in: inner } };
  return inner;
}

const many = (count: number): JsonObject =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`p${at}`, { type: 'string' }]));

/** Output schemas that are meant to take for ever, by name. */
export const HOSTILE_SCHEMAS: readonly (readonly [string, JsonObject])[] = [
  ['nested repetition', pattern('^(a+)+$')],
  ['nested repetition of words', pattern('^(\\w+\\s?)*$')],
  ['overlapping alternatives', pattern('^(a|aa)+$')],
  ['repetition with a tail', pattern('(.*a){20}')],
  ['backward reference', pattern('^(.+)\\1+$')],
  ['look behind', pattern('(?<=(a+)+)b')],
  ['a large count', pattern('^(?:a{1,1000}){1,1000}$')],
  ['not a pattern', pattern('(')],
  ['sixteen thousand branches', doubling(14)],
  ['branches in a list', listOf({ name: { type: 'string' }, x: doubling(14) })],
  ['two hundred levels', deep(200)],
  ['five thousand levels', deep(5_000)],
  ['ten thousand properties', listOf(many(10_000))],
  [
    'a large choice',
    listOf({ name: { enum: Array.from({ length: 50_000 }, (_, at) => `n${at}`) } }),
  ],
  ['a circle', { $ref: '#' }],
  [
    'a circle of two',
    { $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } }, $ref: '#/$defs/a' },
  ],
  [
    'names of the prototype',
    listOf({ ['__proto__']: { type: 'string' }, constructor: { type: 'string' } }),
  ],
];

/** Queries that are meant to take for ever, by name. */
export const HOSTILE_QUERIES: readonly (readonly [string, string])[] = [
  ['a hundred thousand letters', `cars ${'a'.repeat(100_000)}`],
  ['fifty thousand words', `cars ${'from Japan '.repeat(25_000)}`],
  ['ten thousand numbers', `cars with horsepower ${'over 5 and '.repeat(10_000)}`],
  ['ten thousand commas', `cars from ${'Japan, '.repeat(10_000)}`],
  ['ten thousand negators', `cars ${'not '.repeat(10_000)} from Japan`],
  ['ten thousand brackets', `cars ${'('.repeat(10_000)}2020${')'.repeat(10_000)}`],
  ['marks only', '%$#@!'.repeat(5_000)],
  ['combining marks', `cars from J${'\u0301'.repeat(20_000)}apan`],
];
