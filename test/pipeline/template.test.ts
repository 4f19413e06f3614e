import { describe, expect, test } from 'vitest';
import { compileTemplate } from '../../src/pipeline/template.ts';
import { SCOPE, shown } from './template-rendering.ts';

describe('what a template can say', () => {
  test.each([
    ['Find {{params.count}} in {{params.region}}.', 'Find 40 in US.'],
    ['{{row.name}} {{{row.name}}} {{&row.name}}', 'Acme <& Sons> Acme <& Sons> Acme <& Sons>'],
    ['{{run.date}}', '2026-11-22'],
    ['{{row.address.city}} {{row.tags.[1]}} {{row.[domain]}}', 'Oslo infra acme.com'],
    ['{{#if row.round}}{{row.round}}{{else}}any round{{/if}}', 'any round'],
    ['{{#if row.note}}x{{else if row.blank}}y{{else if row.domain}}z{{/if}}', 'z'],
    ['{{#unless row.listed}}private{{/unless}}', 'private'],
    ['{{^if row.round}}none{{else}}some{{/if}}', 'none'],
    ['{{#if row.staff}}x{{else}}no staff{{/if}}: {{row.staff}}', 'no staff: 0'],
    ['{{#each row.tags}}{{this}}{{#unless @last}}, {{/unless}}{{/each}}', 'ai, infra'],
    [
      '{{#each rows}}{{@index}} {{name}} {{this.name}} {{./name}};{{/each}}',
      '0 Acme Acme Acme;1 Bolt Bolt Bolt;',
    ],
    [
      '{{#each rows}}{{name}} in {{params.region}} for {{../row.domain}};{{/each}}',
      'Acme in US for acme.com;Bolt in US for acme.com;',
    ],
    [
      '{{#each rows}}{{#each ../row.tags}}{{../name}}-{{this}} {{/each}}{{/each}}',
      'Acme-ai Acme-infra Bolt-ai Bolt-infra ',
    ],
    ['{{#each steps.none}}x{{else}}nobody{{/each}}', 'nobody'],
    ['{{#each row.round}}x{{else}}nobody{{/each}}', 'nobody'],
    ['{{rows.length}} records, first {{rows.0.name}}', '2 records, first Acme'],
    ['{{#each row.people}}{{name}}{{#if title}} ({{title}}){{/if}};{{/each}}', 'Ada (CTO);Bob;'],
    [
      '{{json row.address}} {{json row.tags}} {{json row.round}}',
      '{"city":"Oslo"} ["ai","infra"] null',
    ],
    [
      '{{default row.round "any"}} {{default row.note row.domain}} {{default row.blank 7}}',
      'any acme.com 7',
    ],
    [
      '{{date row.founded}} {{date row.founded "D MMMM YYYY"}} {{date run.date "MMM/YYYY"}}',
      '2019-05-02 2 May 2019 Nov/2026',
    ],
    ['{{date (default row.round "2020-01-31") "YYYY"}}', '2020'],
    ['  a  {{~row.domain~}}  b {{! a comment }}{{!-- {{not.read}} --}}', '  aacme.comb '],
    ['\\{{row.name}} {{row.domain}}', '{{row.name}} acme.com'],
    ['\\\\{{row.domain}}', '\\acme.com'],
    ['{{#if row.tags}}\n- {{row.domain}}\n{{/if}}\nend', '- acme.com\nend'],
  ])('%s', (text, expected) => {
    expect(shown(text)).toBe(expected);
  });
});

describe('numbers and dates', () => {
  test('numbers are written without an exponent', () => {
    const numbers = [1e21, -1.5e22, 1e-7, -2.5e-9, 0.1, 1_000_000, -0];
    const row = { n: numbers };
    const text = '{{#each row.n}}{{this}} {{/each}}';
    expect(shown(text, { ...SCOPE, row })).toBe(
      '1000000000000000000000 -15000000000000000000000 0.0000001 -0.0000000025 0.1 1000000 0 ',
    );
  });

  test.each([
    ['2019', 'YYYY', '2019'],
    ['2019-05', 'M/YYYY', '5/2019'],
    ['2019-05-02T23:30:00-05:00', 'YYYY-MM-DD HH:mm:ss', '2019-05-03 04:30:00'],
    ['2019-05-02 23:30:00.123456', 'HH:mm', '23:30'],
    ['2019-05-02T23:30Z', 'DD.MM.YYYY', '02.05.2019'],
    ['2019-05-02T00:30+0200', 'D', '1'],
  ])('the date %s as %s', (value, format, expected) => {
    expect(shown(`{{date row.d "${format}"}}`, { ...SCOPE, row: { d: value } })).toBe(expected);
  });

  test.each([
    '2019-02-30',
    '2019-13-01',
    '2019-05-02T24:00',
    '02/05/2019',
    '20190502',
    '2019T10:00',
  ])('%s is no date', (value) => {
    expect(shown('{{date row.d}}', { ...SCOPE, row: { d: value } })).toContain(
      `E-T62 row.d: row.d is "${value}", not a date`,
    );
  });
});

describe('names that a pipeline checks against its columns', () => {
  test('each has its path, its place and whether it may be empty', () => {
    const text =
      '{{row.a}}{{#if row.b}}{{row.b}}{{else}}{{row.b}}{{/if}}{{default row.c row.d}}{{#each rows}}{{x}}{{../row.e}}{{/each}}{{#each steps.s}}{{this.y}}{{/each}}{{#unless params.p}}{{params.p}}{{else}}{{params.p}}{{/unless}}';
    const compiled = compileTemplate(text);
    if (!compiled.ok) throw new Error(JSON.stringify(compiled.error));
    const { names, steps, usesRow, usesRows } = compiled.value;
    expect(
      names.map(({ path, start, end, guarded }) => [
        path.join('.'),
        text.slice(start, end),
        guarded,
      ]),
    ).toEqual([
      ['row.a', 'row.a', false],
      ['row.b', 'row.b', true],
      ['row.b', 'row.b', true],
      ['row.b', 'row.b', false],
      ['row.c', 'row.c', true],
      ['row.d', 'row.d', false],
      ['rows', 'rows', false],
      ['rows.*.x', 'x', false],
      ['row.e', '../row.e', false],
      ['steps.s', 'steps.s', false],
      ['steps.s.*.y', 'this.y', false],
      ['params.p', 'params.p', true],
      ['params.p', 'params.p', false],
      ['params.p', 'params.p', true],
    ]);
    expect([steps, usesRow, usesRows]).toEqual([['s'], true, true]);
  });

  test('a template of text alone uses nothing', () => {
    const compiled = compileTemplate('Find 40 companies.');
    expect(compiled).toMatchObject({
      ok: true,
      value: { names: [], steps: [], usesRow: false, usesRows: false, warnings: [] },
    });
  });

  test('braces that end no tag are a warning', () => {
    const text = 'a {{row.name}} }} and \\{{kept}} }}';
    const compiled = compileTemplate(text);
    const warning = {
      code: 'E-T66',
      message: '"}}" stays in the text: it ends no tag',
      hint: 'remove it, or open the tag before it with {{',
    };
    expect(compiled.ok && compiled.value.warnings).toEqual([
      { ...warning, start: 15, end: 17 },
      { ...warning, start: 32, end: 34 },
    ]);
  });
});
