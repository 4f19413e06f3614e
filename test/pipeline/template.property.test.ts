import fc from 'fast-check';
import Handlebars from 'handlebars';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/base/json.ts';
import { compileTemplate, type TemplateScope } from '../../src/pipeline/template.ts';

/** Values that both languages write the same: visible text and plain numbers. */
const SCOPE: TemplateScope = {
  params: { count: 40, region: 'EU <west>', on: true, off: false },
  row: {
    name: 'Acme "Inc" & {{co}}',
    size: 0,
    none: null,
    tags: ['a', 'b', '3'],
    deep: { x: { y: 'z' } },
  },
  rows: [
    { name: 'one', tags: ['t1', 't2'], n: 1, none: null },
    { name: 'two', tags: [], n: 0, none: null },
  ],
  steps: { found: [{ name: 's1' }, { name: 's2' }], empty: [] },
  run: { date: '2026-11-22' },
};

const literal = fc
  .string({
    unit: fc.constantFrom('a', ' ', '\n', '  \n', '\r\n', '<', '&', '"', '.', 'ü', '{', '\\ '),
    maxLength: 8,
  })
  .filter((text) => !/\{$|\{\{/.test(text));
const strip = fc.constantFrom('', '~');
const oneOf = (names: string): fc.Arbitrary<string> => fc.constantFrom(...names.split(/\s+/));
const condition = oneOf(
  'params.on params.off row.name row.size row.none row.tags row.deep rows steps.empty row.deep.x.y',
);
const topName = oneOf(
  'params.region row.name row.deep.x.y run.date steps.found.0.name rows.0.name row.[name] row/name',
);

const tag = (name: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(strip, name, strip, fc.constantFrom('', '&'), fc.boolean())
    .map(([a, inner, b, mark, triple]) =>
      triple && a === '' && b === '' ? `{{{${inner}}}}` : `{{${a}${mark}${inner}${b}}}`,
    );
/** Handlebars adds two numbers that stand side by side, so each is kept between brackets. */
const number = (...names: readonly string[]): fc.Arbitrary<string> =>
  fc.constantFrom(...names).map((name) => `({{${name}}})`);
const comment = fc.constantFrom('{{! x }}', '{{!-- {{row.name}} --}}', '{{~!-- y --~}}');

/** A block of `helper` with an optional else. */
const block = (
  helper: string,
  value: fc.Arbitrary<string>,
  body: fc.Arbitrary<string>,
  other: fc.Arbitrary<string>,
): fc.Arbitrary<string> =>
  fc
    .tuple(value, strip, body, fc.option(other), strip)
    .map(
      ([of, a, inside, rest, b]) =>
        `{{#${helper} ${of}${a}}}${inside}${rest === null ? '' : `{{${b}else}}${rest}`}{{${b}/${helper}}}`,
    );

const inLoop = (names: readonly string[]): fc.Arbitrary<string> => {
  const item = fc.oneof(literal, tag(fc.constantFrom(...names)), number('@index'), comment);
  const items = fc.array(item, { maxLength: 4 }).map((parts) => parts.join(''));
  const conditional = block(
    'unless',
    fc.constantFrom('@last', '@first', '../params.off', '@index'),
    items,
    items,
  );
  return fc.array(fc.oneof(item, conditional), { maxLength: 4 }).map((parts) => parts.join(''));
};

const ELEMENT = ['name', 'this.name', './name', '../row.name', 'this.[name]'];

const templates = fc.letrec<{ part: string; parts: string }>((tie) => ({
  parts: fc.array(tie('part'), { maxLength: 5 }).map((parts) => parts.join('')),
  part: fc.oneof(
    { maxDepth: 2 },
    literal,
    tag(topName),
    number('params.count', 'row.size', 'rows.length', 'rows.[1].n'),
    comment,
    block('if', condition, tie('parts'), tie('parts')),
    block('unless', condition, tie('parts'), tie('parts')),
    block('each', fc.constantFrom('rows'), inLoop(ELEMENT), tie('parts')),
    block('each', fc.constantFrom('row.tags'), inLoop(['this', '../run.date']), tie('parts')),
    block('each', fc.constantFrom('steps.empty', 'row.none'), inLoop(['this.name']), tie('parts')),
    tie('parts').map((inside) => `{{^if row.none}}${inside}{{/if}}`),
    tie('parts').map((inside) => `{{#if row.none}}a{{else if row.name}}${inside}{{/if}}`),
  ),
})).parts;

test('renders what Handlebars itself would, wherever both speak the same language', () => {
  fc.assert(
    fc.property(templates, (text) => {
      const reference = Handlebars.compile(text, { noEscape: true });
      const expected = reference(SCOPE as unknown as JsonObject, {
        allowProtoPropertiesByDefault: false,
        allowProtoMethodsByDefault: false,
      });
      const compiled = compileTemplate(text);
      if (!compiled.ok) throw new Error(`${text}\n${JSON.stringify(compiled.error)}`);
      const rendered = compiled.value.render(SCOPE);
      if (expected.trim() === '')
        expect(rendered).toMatchObject({ ok: false, error: { code: 'E-T60' } });
      else expect(rendered).toEqual({ ok: true, value: expected });
    }),
    { numRuns: 300 },
  );
});

test('any text is a template or a list of problems with places in it', () => {
  const tags = '{{ }} {{{ }}} {{{{ {{# {{/ {{^ {{else {{! {{!-- --}} {{> {{~ ~}}';
  const words = `if each row . name " ' \\ ( ) [ ] @ ../ this | as = * & 5`;
  const piece = fc.constantFrom(...tags.split(' '), ...words.split(' '), ' ', '\n');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const text = pieces.join('');
      const compiled = compileTemplate(text);
      const problems = compiled.ok ? compiled.value.warnings : compiled.error;
      if (!compiled.ok) expect(problems.length).toBeGreaterThan(0);
      for (const { code, message, start, end } of problems) {
        expect(code).toMatch(/^E-T\d\d$/);
        expect(message).not.toMatch(/Expecting|Parse error|doesn't match/);
        expect(0 <= start && start <= end && end <= text.length).toBe(true);
      }
      if (compiled.ok) {
        for (const { path, start, end } of compiled.value.names) {
          expect(text.slice(start, end)).toContain(
            path.at(-1) === '*' ? 'this' : (path.at(-1) ?? ''),
          );
        }
        compiled.value.render(SCOPE);
      }
    }),
    { numRuns: 1_000 },
  );
});
