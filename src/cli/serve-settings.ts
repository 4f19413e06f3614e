import { fail, ok, type Result } from '../base/result.ts';
import { PRICE_BOOKS, priceBook, type PriceBook } from '../cost/price-book.ts';
import { Secret } from '../http/secret.ts';
import { isPriceFile, readPriceFile } from '../pipeline/price-file.ts';
import type { ProjectFiles } from '../pipeline/project-files.ts';
import { CONTRACTS, contractOf, CURRENT_CONTRACT, type Contract } from '../server/contract.ts';
import { isLoopback } from '../server/origin.ts';
import type { Io } from './io.ts';
import type { OpenProject } from './open-pipeline.ts';
import type { ServeOptions } from './options.ts';

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
  { project, files }: Pick<OpenProject, 'project' | 'files'>,
  { env }: Pick<Io, 'env'>,
): Promise<Result<ServeSettings, string>> {
  const known = id === undefined ? CURRENT_CONTRACT : contractOf(id);
  if (known === undefined) {
    const ids = CONTRACTS.map((contract) => contract.id).join(', ');
    return fail(`There is no contract ${id ?? ''}; there are ${ids}.`);
  }
  // The beta had prices of its own; else the project says.
  const usual = known === CURRENT_CONTRACT ? project.prices : known.prices;
  const prices = rest.prices === undefined ? ok(usual) : await namedPrices(rest.prices, files);
  if (!prices.ok) return prices;
  const tokens = readTokens(auth, token, host, env['FIELDWORK_TOKEN']);
  if (!tokens.ok) return tokens;
  const concurrency = rest.concurrency ?? known.concurrency;
  const contract = { ...known, prices: prices.value, concurrency };
  return ok({ contract, host, port, tokens: tokens.value });
}

/** The price book that `--prices` names: one of ours, or a file with one. */
async function namedPrices(name: string, files: ProjectFiles): Promise<Result<PriceBook, string>> {
  const book = priceBook(name);
  if (book !== undefined) return ok(book);
  if (!isPriceFile(name)) {
    const ids = PRICE_BOOKS.map(({ id }) => id).join(', ');
    return fail(`There is no price book ${name}; there are ${ids}, and a .yaml file can be named.`);
  }
  const read = await readPriceFile(name, files);
  if (read.ok) return read;
  const reasons = read.error.map(({ message }) => message).join('; ');
  return fail(`The price book ${name} cannot be used: ${reasons}.`);
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
