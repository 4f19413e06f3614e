import { expect, test } from 'vitest';
import { parseBaseUrl } from '../../src/http/base-url.ts';

test.each<[text: string, origin: string, path: string]>([
  ['https://api.exa.ai', 'https://api.exa.ai', ''],
  ['https://api.exa.ai/', 'https://api.exa.ai', ''],
  ['https://proxy.example:8443/exa/v1//', 'https://proxy.example:8443', '/exa/v1'],
  ['http://localhost:4100', 'http://localhost:4100', ''],
  ['http://127.0.0.1:4100', 'http://127.0.0.1:4100', ''],
  ['http://[::1]:4100', 'http://[::1]:4100', ''],
])('%s is read', (text, origin, path) => {
  expect(parseBaseUrl(text)).toEqual({ ok: true, value: { origin, path } });
});

test.each<[text: string, error: string]>([
  ['api.exa.ai', 'it is not a URL'],
  ['', 'it is not a URL'],
  ['ftp://api.exa.ai', 'its scheme is ftp, not https'],
  ['https://me:pw@api.exa.ai', 'it contains credentials'],
  ['https://api.exa.ai?key=1', 'it has a query or a fragment'],
  ['http://api.exa.ai', 'plain http would show the key to the network; use https'],
  ['http://127.0.0.1.evil.example', 'plain http would show the key to the network; use https'],
])('%s is refused', (text, error) => {
  expect(parseBaseUrl(text)).toEqual({ ok: false, error });
});
