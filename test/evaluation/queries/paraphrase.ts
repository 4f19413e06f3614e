import { compare } from './template.ts';

/** One query in free words, the table that it is about, and its constraints. */
export type Paraphrase = readonly [table: string, text: string, gold: readonly string[]];

type Operator = Parameters<typeof compare>[1];

/** A bound of what a company has raised, in dollars. */
export const usd = (operator: Operator, value: number): string =>
  compare('funding_usd', operator, value);

/** A bound of how many people a company employs. */
export const staff = (operator: Operator, value: number): string =>
  compare('employees', operator, value);
