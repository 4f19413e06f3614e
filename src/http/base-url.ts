import { fail, ok, type Result } from '../base/result.ts';

/** Where a server is: an origin and the path all its routes begin with. */
export interface BaseUrl {
  /** `https://api.exa.ai`: scheme, host, port. */
  readonly origin: string;
  /** Empty, or begins with a slash and does not end with one. */
  readonly path: string;
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/**
 * Reads a server's address. The error says what is wrong with it.
 *
 * Plain `http` is for this machine only, because a key travels with every request; credentials,
 * query and fragment have no place in it.
 */
export function parseBaseUrl(text: string): Result<BaseUrl, string> {
  if (!URL.canParse(text)) return fail('it is not a URL');
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return fail('it contains credentials');
  if (url.search !== '' || url.hash !== '') return fail('it has a query or a fragment');
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return fail(`its scheme is ${url.protocol.slice(0, -1)}, not https`);
  }
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname)) {
    return fail('plain http would show the key to the network; use https');
  }
  return ok({ origin: url.origin, path: url.pathname.replace(/\/+$/, '') });
}
