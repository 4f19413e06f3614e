import type { Clock } from '../base/clock.ts';
import { digestOf } from '../base/fingerprint.ts';
import type { ApiError } from './api-error.ts';

/** Who everyone is where no key is asked for. */
const ANYONE = 'anyone';

const SECOND_MS = 1_000;

export interface KeyOptions {
  /** Undefined: no key is asked for, and all runs have one owner. */
  readonly tokens: readonly string[] | undefined;
  readonly clock: Clock;
  /** Wrong keys a second; more are not looked at. */
  readonly failuresPerSecond: number;
}

/** The keys that a server takes. Each has its own agent runs. */
export class Keys {
  readonly #owners: ReadonlyMap<string, string> | undefined;
  readonly #options: KeyOptions;
  #second = 0;
  #failures = 0;

  constructor(options: KeyOptions) {
    this.#options = options;
    this.#owners =
      options.tokens && new Map(options.tokens.map((token) => [digestOf(token), ownerOf(token)]));
  }

  /** The owner for a key from `x-api-key` or `Authorization: Bearer`, or why there is none. */
  check(apiKey: string | undefined, authorization: string | undefined): string | ApiError {
    if (this.#owners === undefined) return ANYONE;
    const bearer = /^Bearer +(\S+) *$/iu.exec(authorization ?? '')?.[1];
    for (const key of [apiKey, bearer]) {
      // A digest is looked up, so the time it takes says nothing about the key.
      const owner = key === undefined ? undefined : this.#owners.get(digestOf(key));
      if (owner !== undefined) return owner;
    }
    return this.#fail(apiKey === undefined && bearer === undefined);
  }

  #fail(isMissing: boolean): ApiError {
    const second = Math.floor(this.#options.clock.now() / SECOND_MS);
    if (second !== this.#second) this.#failures = 0;
    this.#second = second;
    if (++this.#failures > this.#options.failuresPerSecond) return TOO_MANY;
    return isMissing ? MISSING : WRONG;
  }
}

/** A name for the owner of a key that does not give the key away. */
const ownerOf = (token: string): string => digestOf(`owner of ${token}`).slice(0, 32);

const unauthorized = (message: string): ApiError => ({
  status: 401,
  type: 'AUTHENTICATION_ERROR',
  code: 'TEAM_NOT_FOUND',
  message,
  headers: { 'www-authenticate': 'Bearer' },
});

const MISSING = unauthorized(
  'A key is missing: send the token of this server as x-api-key or Authorization: Bearer.',
);
const WRONG = unauthorized('This key is not known here.');
const TOO_MANY: ApiError = {
  status: 429,
  type: 'RATE_LIMIT_ERROR',
  code: 'RATE_LIMIT_EXCEEDED',
  message: 'Too many requests with a wrong key.',
  headers: { 'retry-after': '1' },
};
