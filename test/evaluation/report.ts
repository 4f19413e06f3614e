import type { Split } from './chance.ts';

/** Where a suite says which cases went wrong; only those of the development half are ever shown. */
export interface Report {
  miss(split: Split, label: string, detail: object): void;
}

export const silent: Report = { miss: () => undefined };
