import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json } from '../../src/base/json.ts';
import { parseApiError, parseJsonBody } from '../../src/http/json-body.ts';

test('JSON of any content is read as it was written', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (json) => {
      const text = JSON.stringify(json);
      expect(parseJsonBody(Buffer.from(text))).toEqual({ ok: true, value: JSON.parse(text) });
    }),
  );
});

test.each<[what: string, text: string, error: string]>([
  ['nothing', '', 'an empty body'],
  ['half of it', '{"a":', 'a body that is not JSON'],
  ['a page', '\n<!doctype html>', 'HTML or XML in place of JSON'],
  ['201 levels', '['.repeat(201) + ']'.repeat(201), 'JSON nested deeper than 200 levels'],
])('%s is no JSON body', (_what, text, error) => {
  expect(parseJsonBody(Buffer.from(text))).toEqual({ ok: false, error });
});

test('brackets inside strings are not levels', () => {
  const text = JSON.stringify({ a: `${'[{'.repeat(300)}\\"` });
  expect(parseJsonBody(Buffer.from(text)).ok).toBe(true);
  expect(parseJsonBody(Buffer.from('['.repeat(200) + ']'.repeat(200))).ok).toBe(true);
});

test.each<[what: string, body: Json | undefined, error: object]>([
  [
    'the API',
    { error: { type: 'NOT_FOUND', code: 'RUN_NOT_FOUND', message: 'No such run.' } },
    { type: 'NOT_FOUND', code: 'RUN_NOT_FOUND', message: 'No such run.' },
  ],
  [
    'the API, with a detail',
    { error: { code: 'INVALID_REQUEST', message: 'Bad.', detail: '[…]' } },
    { code: 'INVALID_REQUEST', message: 'Bad. […]' },
  ],
  [
    'the gateway',
    { requestId: 'r', error: 'Out of credit', tag: 'NO_MORE_CREDITS' },
    { code: 'NO_MORE_CREDITS', message: 'Out of credit' },
  ],
  ['something else', { message: 'Nope' }, { message: 'Nope' }],
  ['nobody', undefined, {}],
  ['a list', [1], {}],
])('an error of %s is understood', (_what, body, error) => {
  expect(parseApiError(body)).toEqual(error);
});
