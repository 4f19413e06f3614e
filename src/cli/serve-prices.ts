import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Json } from '../base/json.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { PRICE_BOOKS, priceBook, type PriceBook } from '../cost/price-book.ts';
import { readPriceBook } from '../cost/read-price-book.ts';

/** The price book that `--prices` names: one of ours, or a JSON file. */
export async function namedPrices(name: string, cwd: string): Promise<Result<PriceBook, string>> {
  const known = priceBook(name);
  if (known !== undefined) return ok(known);
  if (!name.endsWith('.json')) {
    const ids = PRICE_BOOKS.map(({ id }) => id).join(', ');
    return fail(`There is no price book ${name}; there are ${ids}, and a .json file can be named.`);
  }
  let json: Json;
  try {
    json = JSON.parse(await readFile(resolve(cwd, name), 'utf8')) as Json;
  } catch (error) {
    const reason = error instanceof SyntaxError ? 'it is no JSON' : 'it cannot be read';
    return fail(`The price book ${name} cannot be used: ${reason}.`);
  }
  const book = readPriceBook(json);
  return book.ok ? book : fail(`The price book ${name} cannot be used: ${book.error}.`);
}
