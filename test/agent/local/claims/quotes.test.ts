import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { locateQuote } from '../../../../src/agent/local/claims/locate-quote.ts';
import { valueInQuote } from '../../../../src/agent/local/claims/value-in-quote.ts';

describe('a quote', () => {
  test('is found whatever white space, quotes and dashes it has', () => {
    const text = 'He said:  “Acme—founded\n in 2015” was\u00ad his.';
    const place = locateQuote(text, '"Acme-founded in 2015"');
    expect(text.slice(place?.start, place?.end)).toBe('“Acme—founded\n in 2015”');
    expect(locateQuote(text, 'Acme founded in 2015')).toBeUndefined();
    expect(locateQuote(text, '  ')).toBeUndefined();
  });

  test('any part of a text is found under such noise, at its place', () => {
    const part = fc.constantFrom(
      'Acme',
      'é',
      'ﬁ',
      '2015',
      '“x”',
      '—',
      ' ',
      '\n',
      '’s',
      '.',
      '\u00a0',
      'a\u0301',
    );
    const text = fc.array(part, { minLength: 1, maxLength: 30 }).map((parts) => parts.join(''));
    const plain = (value: string): string =>
      value
        .normalize('NFKC')
        .replace(/[“”]/gu, '"')
        .replaceAll('’', "'")
        .replaceAll('—', '-')
        .replace(/\s+/gu, ' ')
        .trim();
    fc.assert(
      fc.property(text, fc.nat(), fc.nat(), (whole, from, length) => {
        const letters = [...new Intl.Segmenter().segment(whole)].map(({ segment }) => segment);
        const start = from % letters.length;
        const quote = letters.slice(start, start + 1 + (length % letters.length)).join('');
        fc.pre(plain(quote) !== '');
        const noisy = quote.replaceAll('“', '"').replaceAll('—', '-').replaceAll(' ', '  ');
        const place = locateQuote(whole, noisy);
        expect(place).toBeDefined();
        expect(plain(whole.slice(place?.start, place?.end))).toBe(plain(quote));
      }),
      { numRuns: 500, seed: 6 },
    );
  });
});

describe('a value', () => {
  test.each([
    [20_000_000, 'raised $20M', true],
    [20_123_456, 'raised $20 million', true],
    [21_000_000, 'raised $20 million', false],
    [1200, 'some 1,200 people', true],
    [120, 'some 1,200 people', false],
    [2015, 'on 9 March 2015', true],
    [923_769, 'covers 356,669 square miles', true],
    [12.5, 'revenue of $12.5 million', true],
    ['2015-03-09', 'on March 9, 2015', true],
    ['2015-03-10', 'on March 9, 2015', false],
    ['2015', 'on March 9, 2015', true],
    ['Jo Kim', 'led by Jo  Kim', true],
    ['Jo Kim', 'led by Kim', false],
    ['https://acme.example', 'see www.acme.example/', true],
    ['a@b.example', 'write to A@B.example', true],
    [true, 'landlocked: yes', true],
    [['English', 'Hausa'], 'English and Hausa', true],
    [['English', 'Igbo'], 'English and Hausa', false],
  ] as const)('%j in “%s”: %s', (value, quote, there) => {
    expect(valueInQuote(value, quote)).toBe(there);
  });

  test('any number is in what it is written as', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e12 }), (value) => {
        const written = [
          value.toLocaleString('en-US'),
          `$${value.toLocaleString('en-US')}`,
          `about ${value} people`,
        ];
        for (const text of written) expect([text, valueInQuote(value, text)]).toEqual([text, true]);
      }),
      { seed: 7 },
    );
  });
});
