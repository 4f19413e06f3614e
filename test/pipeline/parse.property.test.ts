import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/base/json.ts';
import { SourceFile } from '../../src/base/source-file.ts';
import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts';
import { renderDiagnostic } from '../../src/diagnostics/render.ts';
import { parseYaml } from '../../src/pipeline/parse.ts';
import { readText } from '../../src/pipeline/read-text.ts';
import { validatePipeline } from '../../src/pipeline/validate.ts';

/** Pieces that YAML gives a meaning, so that random texts reach its corners. */
const MEANINGFUL: readonly string[] = `
  \n|\n  |\n    |\t|: |- |? |{|}|[|]|,|#| #|>|'|"|&a|*a|!x|<<|---\n|...\n|%YAML|{{row.name}}|\\|
  version: 1\n|name: demo\n|steps:\n|query: x|__proto__|.inf|1e999|\r`
  .split('|')
  .concat('|');

const piece = fc.oneof(fc.constantFrom(...MEANINGFUL), fc.string({ maxLength: 8 }));
const text = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''));

function expectShowable(diagnostics: readonly Diagnostic[], source: SourceFile): void {
  expect(diagnostics.length).toBeGreaterThan(0);
  for (const diagnostic of diagnostics) {
    expect(renderDiagnostic(diagnostic)).toContain(diagnostic.code);
    if (diagnostic.place.kind !== 'span') continue;
    const { start, end } = diagnostic.place.span;
    expect(start).toBeGreaterThanOrEqual(0);
    expect(start).toBeLessThanOrEqual(source.text.length);
    expect(end).toBeGreaterThanOrEqual(start);
  }
}

describe('any text', () => {
  test('gives a value or diagnostics that can be shown, and never throws', async () => {
    await fc.assert(
      fc.asyncProperty(text, async (written) => {
        const source = new SourceFile('any.yaml', written);
        const document = parseYaml(source);
        if (!document.ok) {
          expectShowable(document.error, source);
          return;
        }
        const spec = await validatePipeline(document.value);
        expectShowable(spec.problems, source);
      }),
      { numRuns: 500 },
    );
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  test('what JSON can hold is read as JSON reads it', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/u), fc.jsonValue(), { minKeys: 1 }),
        (value) => {
          const json = JSON.stringify(value);
          const document = parseYaml(new SourceFile('a.json', json));
          const read = document.ok ? document.value.value : (JSON.parse(json) as Json);
          expect(read).toEqual(JSON.parse(json));
        },
      ),
    );
  });
});

describe('any bytes', () => {
  test('are text or a diagnostic', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const source = readText('any.yaml', bytes);
        if (!source.ok) {
          expect(source.error.map(renderDiagnostic).join('\n')).toMatch(/E-(?:Y0[457]|P01)/u);
        }
      }),
    );
  });

  test('the first byte that is not UTF-8 is the one that is named', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-zé€😀\ufffd]{0,20}$/u), (good) => {
        const bytes = new Uint8Array([...Buffer.from(good), 0xff, 0x61]);
        const source = readText('any.yaml', bytes);
        const message = source.ok ? '' : source.error[0]?.message;
        expect(message).toContain(`byte ${Buffer.byteLength(good)} `);
      }),
    );
  });

  test('text in UTF-8 is kept, replacement characters included', () => {
    const written = 'name: "caf\u00e9 \ufffd \ud83d\ude00"\r\n';
    const source = readText('a.yaml', Buffer.from(written));
    expect(source.ok && source.value.text).toBe(written);
  });
});
