import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SourceFile } from '../../src/base/source-file.ts';
import { isJsonObject } from '../../src/base/json.ts';
import { parseYaml } from '../../src/pipeline/parse.ts';

/** What the file shows where the text has `needle`. */
function shownFor(yaml: string, needle: string): string {
  const document = parseYaml(new SourceFile('a.yaml', yaml));
  if (!document.ok) throw new Error(document.error[0]?.message);
  const { value } = document.value;
  const text = isJsonObject(value) ? (JSON.parse(JSON.stringify(value['query'])) as string) : '';
  const start = text.indexOf(needle);
  expect(start).toBeGreaterThanOrEqual(0);
  const span = document.value.locateIn(['query'], start, start + needle.length);
  return yaml.slice(span.start, span.end);
}

describe('a stretch of a text is found in the file', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['plain', 'query: ask {{x}} now\n'],
    ['plain over lines', 'query: ask\n  more\n\n  and {{x}} now\n'],
    ['single quotes', "query: 'it''s {{x}}'\n"],
    ['single quotes over lines', "query: 'it''s\n\n   so {{x}}'\n"],
    ['double quotes', 'query: "a \\"b\\" \\u00e9\\x41\\t {{x}}"\n'],
    ['double quotes with a cut line', 'query: "a \\\n   b {{x}}"\n'],
    ['an escape of two code units', 'query: "\\U0001F600 {{x}}"\n'],
    ['literal block', 'query: |\n  one\n    two\n\n  {{x}} end\n'],
    ['literal block with an indentation', 'query: |2-\n    one {{x}}\n'],
    ['folded block', 'query: >\n  one\n  two\n\n  three {{x}}\n    kept {{y}}\n'],
    ['a comment after the header', 'query: | # why\n  {{x}}\n'],
    ['Windows line ends', 'query: |\r\n  one\r\n  {{x}}\r\n'],
  ];
  test.each(cases)('%s', (_, yaml) => {
    expect(shownFor(yaml, '{{x}}')).toBe('{{x}}');
  });

  test('in any literal block', () => {
    const line = fc.stringMatching(/^[a-z {}.]{0,12}$/u);
    fc.assert(
      fc.property(fc.array(line, { maxLength: 5 }), (lines) => {
        const yaml = `query: |\n  first\n${lines.map((each) => `  ${each}\n`).join('')}  <HERE>\n`;
        expect(shownFor(yaml, '<HERE>')).toBe('<HERE>');
      }),
    );
  });
});
