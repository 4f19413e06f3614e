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

/** Cases that are no mistake, or are told by the code of another. */
const WITHOUT_CODE: ReadonlyMap<string, string> = new Map([
  ['E-Y06', 'ok'],
  ['E-Y15', 'E-Y14'],
  ['E-Y16', 'E-Y14'],
  ['E-Y28', 'E-Y27'],
  ['E-T67', 'ok'],
]);

describe('the catalogue of codes', () => {
  const ofFiles = ([code, { shows }]: readonly [string, CodeEntry]): boolean =>
    shows === 'load' || code.startsWith('E-T');

  test.each(codes.filter(ofFiles).map(([code]) => code))(
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
      const [, named = 'ok'] = /^(E-[A-Z]\d+)-/u.exec(name) ?? [];
      const code = WITHOUT_CODE.get(named) ?? named;
      if (code === 'ok') expect(expected).not.toContain('[E-');
      else expect(expected).toContain(`[${code}]`);
    },
  );

  test('every case of files, templates and schemas has its fixture', () => {
    const cases = (letter: string, from: number, to: number): readonly string[] =>
      Array.from(
        { length: to - from + 1 },
        (_, i) => `E-${letter}${String(from + i).padStart(2, '0')}-`,
      );
    const wanted = [...cases('Y', 1, 50), ...cases('T', 51, 68), ...cases('S', 69, 87)];
    const names = fixtures.map(({ name }) => name);
    expect(wanted.filter((it) => !names.some((name) => name.startsWith(it)))).toEqual([]);
  });

  test.each(codes)('%s has a title and an explanation in whole sentences', (code, entry) => {
    expect(code).toMatch(/^E-[YPTSR]\d{2,3}$/u);
    expect(entry.title).toMatch(/^[A-Z"].*[^.]$/u);
    expect(entry.explanation).toMatch(/^.{20,}[.]$/su);
  });
});
