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

/** `$12.00`; below ten cents with as many digits as it takes: `$0.025`, `$0.000001`. */
export function formatMoney(amount: Microdollars): string {
  const size = Math.abs(Math.round(amount));
  const sign = amount < 0 && size > 0 ? '-' : '';
  // Rounded as a whole number of cents: 0.105 has no exact floating-point form.
  if (size === 0 || size >= 100_000) return `${sign}$${(Math.round(size / 1e4) / 100).toFixed(2)}`;
  return `${sign}$${(size / 1e6).toFixed(6).replace(/0{1,4}$/, '')}`;
}
