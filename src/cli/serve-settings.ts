import { fail, ok, type Result } from '../base/result.ts';
import type { PriceBook } from '../cost/price-book.ts';
import { Secret } from '../http/secret.ts';
import { CONTRACTS, contractOf, CURRENT_CONTRACT, type Contract } from '../server/contract.ts';
import { isLoopback } from '../server/origin.ts';
import type { Io } from './io.ts';
import type { ServeOptions } from './options.ts';
import { namedPrices } from './serve-prices.ts';

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_PORT = 8_484;
/** For a server that others can reach: shorter ones can be guessed. */
const LEAST_TOKEN = 16;

/** What the flags and the environment say, checked. */
export interface ServeSettings {
  readonly contract: Contract;
  readonly host: string;
  readonly port: number;
  /** Undefined: one is made. Null: no key is asked for. */
  readonly tokens: readonly string[] | null | undefined;
}

/** Reads the call; what is wrong with it comes back as one sentence. */
export async function readServeSettings(
  { auth, token, contract: id, host = DEFAULT_HOST, port = DEFAULT_PORT, ...rest }: ServeOptions,
  projectPrices: PriceBook,
  { env, cwd }: Pick<Io, 'env' | 'cwd'>,
): Promise<Result<ServeSettings, string>> {
  const known = id === undefined ? CURRENT_CONTRACT : contractOf(id);
  if (known === undefined) {
    const ids = CONTRACTS.map((contract) => contract.id).join(', ');
    return fail(`There is no contract ${id ?? ''}; there are ${ids}.`);
  }
  // The beta had prices of its own; else the project says.
  const usual = known === CURRENT_CONTRACT ? projectPrices : known.prices;
  const prices = rest.prices === undefined ? ok(usual) : await namedPrices(rest.prices, cwd);
  if (!prices.ok) return prices;
  const tokens = readTokens(auth, token, host, env['FIELDWORK_TOKEN']);
  if (!tokens.ok) return tokens;
  const concurrency = rest.concurrency ?? known.concurrency;
  const contract = { ...known, prices: prices.value, concurrency };
  return ok({ contract, host, port, tokens: tokens.value });
}

function readTokens(
  auth: boolean,
  given: readonly string[],
  host: string,
  fromEnvironment: string | undefined,
): Result<ServeSettings['tokens'], string> {
  if (!auth) {
    if (given.length > 0) return fail('--no-auth and --token exclude each other.');
    if (isLoopback(host)) return ok(null);
    return fail('--no-auth is for this machine only: everyone who reaches the port could use it.');
  }
  const environment =
    fromEnvironment === undefined || fromEnvironment === '' ? [] : [fromEnvironment];
  const tokens = given.length > 0 ? given : environment;
  if (tokens.length === 0) return ok(undefined);
  if (!tokens.every((token) => new Secret(token).isSendable())) {
    return fail('A token has blanks, line breaks or quotes in it, or is empty.');
  }
  if (!isLoopback(host) && tokens.some((token) => token.length < LEAST_TOKEN)) {
    return fail(
      `A server that others can reach needs tokens of ${LEAST_TOKEN} characters or more.`,
    );
  }
  return ok(tokens);
}
