/**
 * Money as a whole number of millionths of a dollar, so that sums are exact: adding the price
 * 0.025 a hundred thousand times in floating point gives 2500.000000004712.
 */
export type Microdollars = number & { readonly __brand: 'Microdollars' };

export const microdollars = (whole: number): Microdollars => whole as Microdollars;

/** Rounds to the nearest millionth of a dollar. */
export const fromDollars = (dollars: number): Microdollars =>
  Math.round(dollars * 1e6) as Microdollars;

export const toDollars = (amount: Microdollars): number => amount / 1e6;

export const addMoney = (a: Microdollars, b: Microdollars): Microdollars => (a + b) as Microdollars;

export const subtractMoney = (a: Microdollars, b: Microdollars): Microdollars =>
  (a - b) as Microdollars;

/** From here on nobody looks at less than a cent. */
const CENTS_ONLY = 100_000_000;
/** Micros below which four digits would show nothing. */
const TINY = 50;

/**
 * `$12.00`, `$0.025`: with as many digits after the point as the amount has, from two to four; from
 * 100 dollars on with two. What four digits would show as nothing has up to six: `$0.000001`.
 */
export const formatMoney = (amount: Microdollars): string => withDigits(amount, digitsOf(amount));

/** Writes amounts of one table, each with as many digits after the point as the longest of them. */
export function moneyOfTable(
  amounts: Iterable<Microdollars | undefined>,
): (amount: Microdollars) => string {
  let most = 2;
  for (const amount of amounts) {
    if (amount !== undefined) most = Math.max(most, digitsOf(amount));
  }
  return (amount) => withDigits(amount, most);
}

function digitsOf(amount: Microdollars): number {
  const size = Math.abs(Math.round(amount));
  if (size >= CENTS_ONLY) return 2;
  const most = size < TINY ? 6 : 4;
  const [, after = ''] = rounded(size, most).split('.');
  return Math.max(2, after.replace(/0+$/, '').length);
}

function withDigits(amount: Microdollars, digits: number): string {
  const size = Math.abs(Math.round(amount));
  return `${amount < 0 && size > 0 ? '-' : ''}$${rounded(size, digits)}`;
}

/** Rounded as a whole number of the last digit's worth: 0.105 has no exact floating-point form. */
const rounded = (size: number, digits: number): string =>
  (Math.round(size / 10 ** (6 - digits)) / 10 ** digits).toFixed(digits);
