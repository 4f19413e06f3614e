import { isJsonObject, type Json } from '../base/json.ts';
import { fromDollars, type Microdollars } from '../base/money.ts';
import { fail, ok, type Result } from '../base/result.ts';
import type { EffortPrice, PriceBook } from './price-book.ts';

const PRICES = ['email', 'phoneNumber', 'search', 'agentComputeUnit'] as const;
const KEYS: ReadonlySet<string> = new Set(['id', 'efforts', 'defaultEffort', ...PRICES]);

/**
 * A price book of one's own. In JSON, with all prices in dollars:
 *
 * ```json
 * { "id": "ours-2026-11", "defaultEffort": "auto",
 *   "efforts": { "low": { "fixed": 0.02 }, "auto": { "cap": 4 }, "ultra": {} },
 *   "email": 0.01, "phoneNumber": 0.05, "search": 0.004, "agentComputeUnit": 0.08 }
 * ```
 *
 * An effort has a fixed price, or is charged by use with a cap or without. What is wrong comes back
 * as one phrase.
 */
export function readPriceBook(json: Json): Result<PriceBook, string> {
  if (!isJsonObject(json)) return fail('it must be a JSON object');
  const unknown = Object.keys(json).find((key) => !KEYS.has(key));
  if (unknown !== undefined) return fail(`"${unknown}" is no part of a price book`);
  const { id, defaultEffort } = json;
  if (typeof id !== 'string' || !/^[a-z][\w.-]{0,63}$/u.test(id)) {
    return fail('"id" must be a name such as "ours-2026-11"');
  }
  const wrong = PRICES.find((name) => dollars(json[name]) === undefined);
  if (wrong !== undefined) return fail(`"${wrong}" must be a price in dollars`);
  const efforts = readEfforts(json['efforts']);
  if (!efforts.ok) return efforts;
  if (typeof defaultEffort !== 'string' || !Object.hasOwn(efforts.value, defaultEffort)) {
    return fail('"defaultEffort" must be one of the efforts');
  }
  const price = (name: (typeof PRICES)[number]): Microdollars =>
    dollars(json[name]) ?? fromDollars(0);
  return ok({
    id,
    efforts: efforts.value,
    defaultEffort,
    email: price('email'),
    phoneNumber: price('phoneNumber'),
    search: price('search'),
    agentComputeUnit: price('agentComputeUnit'),
    takesBudget: true,
  });
}

function readEfforts(json: Json | undefined): Result<Record<string, EffortPrice>, string> {
  if (!isJsonObject(json)) return fail('"efforts" must be an object');
  const efforts: [string, EffortPrice][] = [];
  for (const [name, terms = null] of Object.entries(json)) {
    const price = readEffort(terms);
    if (price === undefined) {
      return fail(`effort "${name}" must be {"fixed": dollars}, {"cap": dollars} or {}`);
    }
    efforts.push([name, price]);
  }
  return ok(Object.fromEntries(efforts));
}

function readEffort(terms: Json): EffortPrice | undefined {
  if (!isJsonObject(terms)) return undefined;
  const [[key, value] = [], ...more] = Object.entries(terms);
  if (more.length > 0) return undefined;
  if (key === undefined) return { kind: 'metered', cap: undefined };
  const price = dollars(value);
  if (price === undefined) return undefined;
  if (key === 'fixed') return { kind: 'fixed', price };
  return key === 'cap' ? { kind: 'metered', cap: price } : undefined;
}

const dollars = (value: Json | undefined): Microdollars | undefined =>
  typeof value === 'number' && value >= 0 && value <= 1e6 ? fromDollars(value) : undefined;
