import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { citedSource } from '../../src/agent/citation-link.ts';

describe('what an agent gives as a source', () => {
  test.each([
    'https://www.Example.com:8080/x?q=1#s',
    'http://a.example',
    'https://[::1]/',
    'https://münchen.example/größe',
    'https://a.example/@user/post',
    'corpus://corpus/countries.csv#row=12',
    'corpus://my%20files/a.md#char=120,164',
  ])('is followed as it stands: %s', (given) => {
    expect(citedSource(given)).toEqual({ url: given, text: null });
  });

  test.each([
    ['a script', 'javascript:alert(1)'],
    ['a script in capitals', 'JaVaScRiPt:alert(1)'],
    ['a script after a space', ' javascript:alert(1)'],
    ['a page in itself', 'data:text/html,<script>alert(1)</script>'],
    ['a file of the machine', 'file:///etc/passwd'],
    ['another scheme', 'ms-word:ofe|u|https://a.example/'],
    ['the source of a page', 'view-source:https://a.example/'],
    ['a place without a scheme', '//a.example/x'],
    ['a place in a file', 'crm.csv#row=4'],
    ['words', 'annual report 2025, page 4'],
    ['no host', 'https://'],
  ])('is text and no link where it is %s', (_, given) => {
    expect(citedSource(given)).toEqual({ url: null, text: given });
  });

  test.each([
    ['a line break', 'https://a.example/\nx', 'https://a.example/\\u{a}x'],
    ['a tab in its scheme', 'java\tscript:alert(1)', 'java\\u{9}script:alert(1)'],
    ['an escape', 'https://a.example/\u001b]8;;x', 'https://a.example/\\u{1b}]8;;x'],
    [
      'a turn of direction',
      'https://a.example/\u202egpj.exe',
      'https://a.example/\\u{202e}gpj.exe',
    ],
    ['nothing to be seen', 'https://a\u200b.example/', 'https://a\\u{200b}.example/'],
    ['a tag', 'https://a.example/\u{e0041}', 'https://a.example/\\u{e0041}'],
  ])('is text where it hides %s, which is shown', (_, given, text) => {
    expect(citedSource(given)).toEqual({ url: null, text });
  });

  test.each([
    ['https://user:pw@a.example/x', 'https://a.example/x'],
    ['https://www.bank.example@evil.example/login', 'https://evil.example/login'],
    ['https://a.example\\@evil.example/', 'https://a.example/@evil.example/'],
    ['https://a.example/My File.pdf', 'https://a.example/My%20File.pdf'],
    ['https://a.example/"><script>', 'https://a.example/%22%3E%3Cscript%3E'],
    [' https://a.example/ ', 'https://a.example/'],
  ])('leads where a browser would go, without a user, and is kept as it was: %s', (given, url) => {
    expect(citedSource(given)).toEqual({ url, text: given });
  });

  test('nothing of it is lost, and nothing but a source is ever a link', () => {
    const pieces = fc.array(
      fc.oneof(
        fc.constantFrom('https://', 'HTTP://', 'javascript:', 'data:', 'file:///', 'corpus://'),
        fc.constantFrom('user:pw@', 'a.example', '/', '?q=', '#', '\\', ' ', '\t', '\u202e', '"'),
        fc.string({ unit: 'grapheme', maxLength: 4 }),
      ),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(
        pieces.map((parts) => parts.join('')),
        (given) => {
          const { url, text } = citedSource(given);
          if (url !== given && given !== '') {
            expect(
              text?.replace(/\\u\{([0-9a-f]+)\}/gu, (_, hex: string) =>
                String.fromCodePoint(Number.parseInt(hex, 16)),
              ),
            ).toBe(given);
          }
          if (url === null) return;
          const parsed = new URL(url);
          expect(['http:', 'https:', 'corpus:']).toContain(parsed.protocol);
          expect([parsed.username, parsed.password]).toEqual(['', '']);
          expect(url).not.toMatch(/[\p{Cc}\p{Cf}\s"<>]/u);
        },
      ),
    );
  });
});
