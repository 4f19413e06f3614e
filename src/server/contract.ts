import { CURRENT_PRICE_BOOK, priceBook, type PriceBook } from '../cost/price-book.ts';

/** A dated state of the Agent API that a server can speak. */
export interface Contract {
  readonly id: '2026-11' | '2026-05-07';
  readonly efforts: readonly string[];
  /** Of those, the ones whose budget a caller may set. */
  readonly budgeted: readonly string[];
  /** Of those, the ones that may run for hours, and that can be asked to finish early. */
  readonly long: readonly string[];
  /** False where `budget` is accepted and has no meaning. */
  readonly takesBudget: boolean;
  /** The token that every request must carry in `Exa-Beta`; undefined where none is needed. */
  readonly betaToken: string | undefined;
  /** Compute units are whole numbers. */
  readonly wholeUnits: boolean;
  /** Active agent runs a key may have. */
  readonly concurrency: number;
  readonly prices: PriceBook;
}

const CURRENT: Contract = {
  id: '2026-11',
  efforts: ['minimal', 'low', 'medium', 'high', 'xhigh', 'auto', 'max', 'ultra'],
  budgeted: ['auto', 'max', 'ultra'],
  long: ['max', 'ultra'],
  takesBudget: true,
  betaToken: undefined,
  wholeUnits: false,
  concurrency: 50,
  prices: CURRENT_PRICE_BOOK,
};

/** The public beta. */
const BETA: Contract = {
  id: '2026-05-07',
  efforts: ['low', 'medium', 'high', 'xhigh', 'auto'],
  budgeted: [],
  long: [],
  takesBudget: false,
  betaToken: 'agent-2026-05-07',
  wholeUnits: true,
  concurrency: 2,
  prices: priceBook('exa-2026-05') ?? CURRENT_PRICE_BOOK,
};

export const CONTRACTS: readonly Contract[] = [CURRENT, BETA];
export const CURRENT_CONTRACT: Contract = CURRENT;

export const contractOf = (id: string): Contract | undefined =>
  CONTRACTS.find((contract) => contract.id === id);
