import type { ApiError } from './api-error.ts';

/** What a browser and a proxy say about where a request comes from. */
export interface RequestOrigin {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly fetchSite: string | undefined;
}

const LOOPBACK = /^(?:localhost|\[::1\]|127(?:\.\d{1,3}){3})(?::\d{1,5})?$/iu;

export const isLoopback = (host: string): boolean =>
  host === '::1' || host === 'localhost' || /^127(?:\.\d{1,3}){3}$/u.test(host);

/**
 * Refuses what a page of another site makes a browser send: a name that was made to point at this
 * machine (`Host`), and requests across sites. With `anyHost` every name is taken, for a server
 * that listens beyond this machine; it always asks for a key.
 */
export function checkOrigin(
  { host = '', origin, fetchSite }: RequestOrigin,
  { anyHost }: { readonly anyHost: boolean },
): ApiError | undefined {
  if (!anyHost && !LOOPBACK.test(host)) {
    return forbidden('The Host header names another server. This one answers to localhost only.');
  }
  if (origin !== undefined && hostOf(origin) !== host.toLowerCase()) {
    return forbidden('Requests from pages of other sites are not taken.');
  }
  if (fetchSite === 'cross-site' || fetchSite === 'same-site') {
    return forbidden('Requests from pages of other sites are not taken.');
  }
  return undefined;
}

const hostOf = (origin: string): string | undefined =>
  URL.canParse(origin) ? new URL(origin).host : undefined;

const forbidden = (message: string): ApiError => ({
  status: 403,
  type: 'INVALID_REQUEST',
  code: 'INVALID_REQUEST',
  message,
});
