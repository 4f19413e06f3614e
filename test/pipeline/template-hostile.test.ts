import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { afterEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/base/json.ts';
import { compileTemplate, type TemplateScope } from '../../src/pipeline/template.ts';

const scope = (row: JsonObject): TemplateScope => ({
  params: {},
  row,
  run: { date: '2026-11-22' },
});

const codes = (text: string): readonly string[] => {
  const compiled = compileTemplate(text);
  return compiled.ok ? [] : compiled.error.map(({ code }) => code);
};

function render(text: string, values: TemplateScope): string {
  const compiled = compileTemplate(text);
  if (!compiled.ok) return compiled.error.map(({ code }) => code).join();
  const rendered = compiled.value.render(values);
  return rendered.ok ? rendered.value : rendered.error.code;
}

/** The members of Object.prototype before any test, to compare with. */
const PROTOTYPE = Object.getOwnPropertyNames(Object.prototype).toSorted();

afterEach(() => {
  assert.deepEqual(Object.getOwnPropertyNames(Object.prototype).toSorted(), PROTOTYPE);
  assert.deepEqual(Object.keys(Object.prototype), []);
  assert.equal(({} as JsonObject)['polluted'], undefined);
});

test('only the parser of Handlebars is loaded, never its compiler', () => {
  compileTemplate('{{row.name}}');
  const loaded = Object.keys(createRequire(import.meta.url).cache).filter((file) =>
    file.includes('/handlebars/'),
  );
  expect(loaded.some((file) => file.endsWith('/compiler/parser.js'))).toBe(true);
  expect(
    loaded.filter((file) => /javascript-compiler|compiler\/compiler|runtime/.test(file)),
  ).toEqual([]);
});

describe('limits hold before the parser sees the text', () => {
  test.each([
    ['16 KB of text', 'x'.repeat(16 * 1024), []],
    ['one byte more', 'x'.repeat(16 * 1024 + 1), ['E-T51']],
    ['bytes count, not characters', 'ä'.repeat(8 * 1024 + 1), ['E-T51']],
    ['8 blocks in each other', nested(8), []],
    ['9 blocks in each other', nested(9), ['E-T52']],
    ['500 tags', '{{row.a}}'.repeat(500), []],
    ['501 tags', '{{row.a}}'.repeat(501), ['E-T52']],
    ['1,000 blocks that are never closed', '{{#if row.a}}'.repeat(1_000), ['E-T52']],
    ['2,000 brackets', `{{json ${'('.repeat(2_000)}${')'.repeat(2_000)}}}`, ['E-T52']],
    [
      'brackets after a quote that ends',
      `{{json "a" ${'(a '.repeat(9)}${')'.repeat(9)}}}`,
      ['E-T52'],
    ],
    ['openings only', '{{'.repeat(4_000), ['E-T57']],
    ['many else', `{{#if row.a}}${'{{else if row.b}}'.repeat(400)}{{/if}}`, []],
    ['5,000 steps of a path', `{{row${'.a'.repeat(5_000)}}}`, []],
    ['quotes after backslashes', `{{json "${'\\"'.repeat(7_000)}}}`, ['E-T56']],
    ['a quote without end', `{{json "${'\\'.repeat(7_000)}}}`, ['E-T53']],
  ])('%s', (_, text, expected) => {
    expect(codes(text)).toEqual(expected);
  });

  test('the message says the limit and the place', () => {
    const compiled = compileTemplate(`${'{{#if row.a}}'.repeat(9)}${'{{/if}}'.repeat(9)}`);
    expect(compiled).toEqual({
      ok: false,
      error: [
        {
          code: 'E-T52',
          message: 'blocks are nested more than 8 deep',
          start: 104,
          end: 117,
          hint: 'close blocks before you open others, or ask in two steps',
        },
      ],
    });
    expect(compileTemplate('x'.repeat(20_000))).toMatchObject({
      ok: false,
      error: [{ code: 'E-T51', message: 'the template has 20 KB; at most 16 KB are allowed' }],
    });
  });
});

function nested(depth: number): string {
  return `${'{{#if row.a}}'.repeat(depth)}x${'{{/if}}'.repeat(depth)}`;
}

describe('a rendered text is bounded', () => {
  test('32 KB and not one byte more', () => {
    expect(render('{{row.a}}', scope({ a: 'ä'.repeat(16 * 1024) }))).toHaveLength(16 * 1024);
    expect(render('{{row.a}}', scope({ a: 'ä'.repeat(16 * 1024 + 1) }))).toBe('E-T63');
  });

  test('a loop ends when the text is too long', () => {
    const rows = Array.from({ length: 50_000 }, () => ({ a: 'x' }));
    const text = '{{#each rows}}{{#each ../rows}}{{a}}{{/each}}{{/each}}';
    expect(render(text, { params: {}, rows, run: { date: '2026-11-22' } })).toBe('E-T63');
  });

  test('a loop that writes nothing ends too', () => {
    const rows = Array.from({ length: 10_000 }, () => ({ a: '' }));
    const text =
      'x{{#each rows}}{{#each rows}}{{#each rows}}{{#if a}}x{{/if}}{{/each}}{{/each}}{{/each}}';
    expect(render(text, { params: {}, rows, run: { date: '2026-11-22' } })).toBe('E-T63');
  });

  test('a value too deep for JSON is a problem of its record', () => {
    let deep: JsonObject = {};
    for (let i = 0; i < 200_000; i++) deep = { deep };
    expect(render('{{json row.a}}', scope({ a: deep }))).toBe('E-T62');
  });
});

describe('published attacks on Handlebars are inert', () => {
  const program = {
    type: 'Program',
    body: [
      {
        type: 'MustacheStatement',
        path: 0,
        params: [{ type: 'NumberLiteral', value: '{},{})),globalThis.polluted=1//' }],
        loc: { start: 0 },
      },
    ],
  };

  test('a syntax tree as the value of a row is an object like any other', () => {
    expect(render('{{row.a}}', scope({ a: program }))).toBe('E-T62');
    expect(render('{{#if row.a}}yes{{/if}}', scope({ a: program }))).toBe('yes');
  });

  test('a syntax tree in the place of the text is not taken for one', () => {
    expect(() => compileTemplate(program as unknown as string)).toThrow(TypeError);
  });

  test('text of a row that looks like a template stays text', () => {
    const row = { a: '{{#each rows}}{{row.b}}{{/each}}', b: 'no' };
    expect(render('{{row.a}}', scope(row))).toBe(row.a);
  });

  test.each([
    '{{constructor.constructor "return process"}}',
    '{{row.constructor}}',
    '{{row.__proto__.polluted}}',
    '{{#each row.__proto__}}x{{/each}}',
    '{{row.__lookupGetter__}}',
    '{{row.__lookupSetter__ "__proto__"}}',
    '{{row.__defineGetter__ "toString" row.a}}',
    '{{#if constructor}}x{{/if}}',
    '{{json row.[constructor]}}',
    '{{row/constructor/constructor}}',
    '{{default row.prototype "x"}}',
  ])('%s', (text) => {
    expect(new Set(codes(text))).toEqual(new Set(['E-T58']));
  });

  test.each([
    '{{> (lookup row "a")}}',
    '{{> @partial-block}}',
    '{{#> row.a}}{{/row.a}}',
    '{{#*inline "x"}}{{/inline}}',
    '{{* constructor}}',
    '{{#with row as |a|}}{{a}}{{/with}}',
    '{{lookup row "constructor"}}',
    '{{lookup (lookup row "__proto__") "constructor"}}',
    '{{log row}}',
    '{{@root.constructor.constructor}}',
    '{{#each rows}}{{@root}}{{/each}}',
  ])('%s', (text) => {
    expect(['E-T57', 'E-T58']).toContain(codes(text)[0]);
  });

  test.each([
    'toString',
    'valueOf',
    'hasOwnProperty',
    'isPrototypeOf',
    'length',
    'at',
    'helperMissing',
  ])('a member that every value inherits is unknown: %s', (member) => {
    expect(render(`{{row.${member}}}`, scope({ a: 'x' }))).toBe('E-T55');
    expect(render(`{{json row.a.${member}}}`, scope({ a: 'x' }))).toBe('E-T55');
    expect(render(`{{#if row.${member}}}x{{/if}}`, scope({ a: 'x' }))).toBe('E-T59');
  });

  test('a row may have columns that are called like inherited members', () => {
    const row = JSON.parse('{"toString":"text","length":"long"}') as JsonObject;
    expect(render('{{row.toString}} {{row.length}}', scope(row))).toBe('text long');
  });

  test('a row with "__proto__" of its own changes nothing', () => {
    const row = JSON.parse('{"a":"x","__proto__":{"polluted":"yes","b":"y"}}') as JsonObject;
    expect(render('{{row.a}}', scope(row))).toBe('x');
    expect(render('{{row.b}}', scope(row))).toBe('E-T55');
    expect(render('{{row.polluted}}', scope(row))).toBe('E-T55');
  });
});
