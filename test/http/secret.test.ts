import { inspect } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maskedLine } from '../../src/http/problem.ts';
import { Secret } from '../../src/http/secret.ts';

test('a secret shows in no way but the one that is asked for by name', () => {
  const secret = new Secret('s3cr3t-key');
  const shown = [
    String(secret),
    ['key: ', secret].join(''),
    JSON.stringify({ secret }),
    inspect({ secret }, { depth: 9, showHidden: true }),
    JSON.stringify(Object.entries(secret)),
  ];
  expect(shown.join()).not.toContain('s3cr3t');
  expect(inspect({ secret })).toBe('{ secret: [secret] }');
  expect(secret.reveal()).toBe('s3cr3t-key');
});

test('no text from outside shows the key, plain or encoded', () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[!-~]{6,40}$/),
      fc.string(),
      fc.string(),
      (key, before, after) => {
        const secret = new Secret(key);
        for (const form of [key, encodeURIComponent(key)]) {
          expect(secret.maskIn(`${before}${form}${after}`)).not.toContain(form);
        }
      },
    ),
  );
  const secret = new Secret('s3cr3t-key');
  const base64 = Buffer.from('s3cr3t-key').toString('base64');
  expect(secret.maskIn(`Basic ${base64}`)).toBe('Basic [secret]==');
});

test.each([
  ['plain', true],
  ['', false],
  ['with space', false],
  ['line\nbreak', false],
  ['schlüssel', false],
  ['"quoted"', false],
])('key %j can be sent: %s', (key, sendable) => {
  expect(new Secret(key).isSendable()).toBe(sendable);
});

test('text from outside is put on one line, without control characters, and cut', () => {
  const nasty = '  a\u001b[31m red\r\n\u202Eb\u0000   c  ';
  expect(maskedLine(nasty, undefined, 100)).toBe('a [31m red b c');
  expect(maskedLine('x'.repeat(11), undefined, 10)).toBe(`${'x'.repeat(10)}…`);
});
