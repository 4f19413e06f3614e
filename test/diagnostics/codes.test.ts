import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DIAGNOSTIC_CODES, type CodeEntry } from '../../src/diagnostics/codes.ts';

const folder = new URL('../pipeline/fixtures/', import.meta.url).pathname;
const fixtures = readdirSync(folder).map((name) => ({
  name,
  expected: readFileSync(join(folder, name, 'expected.txt'), 'utf8'),
}));
const codes: readonly (readonly [string, CodeEntry])[] = Object.entries(DIAGNOSTIC_CODES);
const shown = new Set(
  fixtures.flatMap(({ expected }) => [...expected.matchAll(/\[(E-[A-Z]\d+)\]/gu)].map((m) => m[1])),
);

describe('the catalogue of codes', () => {
  test.each(codes.filter(([, { shows }]) => shows === 'load').map(([code]) => code))(
    'a fixture shows what a person sees for %s',
    (code) => {
      expect(shown).toContain(code);
    },
  );

  test('no fixture shows a code that is not in the catalogue', () => {
    const known = codes.map(([code]) => code);
    expect([...shown].filter((code) => !known.includes(code ?? ''))).toEqual([]);
  });

  test.each(fixtures)(
    'the fixture $name shows the code it is named after',
    ({ name, expected }) => {
      const [, code = 'ok'] = /^(E-[A-Z]\d+)-/u.exec(name) ?? [];
      expect(expected).toContain(code === 'ok' ? 'ok\n' : `[${code}]`);
    },
  );

  test.each(codes)('%s has a title and an explanation in whole sentences', (code, entry) => {
    expect(code).toMatch(/^E-[YPTSR]\d{2,3}$/u);
    expect(entry.title).toMatch(/^[A-Z"].*[^.]$/u);
    expect(entry.explanation).toMatch(/^.{20,}[.]$/su);
  });
});
