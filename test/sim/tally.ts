import type { HistoryResult } from './history.ts';
import type { Breach } from './judge.ts';

/** A seed with a broken promise. */
interface Failing {
  readonly seed: number;
  readonly shape: string;
  readonly breach: Breach;
  readonly message: string;
}

/** What many histories came to. Plain, so that it goes from one process to another. */
export interface Tally {
  histories: number;
  crashed: number;
  crashes: number;
  lives: number;
  virtualHours: number;
  faults: number;
  creates: number;
  adopted: number;
  absent: number;
  held: number;
  /** Of processors, in all processes that ran histories. */
  cpuSeconds: number;
  breaches: Record<Breach, number>;
  failing: Failing[];
}

export const emptyTally = (): Tally => ({
  histories: 0,
  crashed: 0,
  crashes: 0,
  lives: 0,
  virtualHours: 0,
  faults: 0,
  creates: 0,
  adopted: 0,
  absent: 0,
  held: 0,
  cpuSeconds: 0,
  breaches: {
    'double payment': 0,
    'lost answer': 0,
    'budget overrun': 0,
    ledger: 0,
    order: 0,
    end: 0,
    'other outcome': 0,
  },
  failing: [],
});

export function count(tally: Tally, result: HistoryResult): void {
  tally.histories++;
  tally.crashes += result.crashes;
  if (result.crashes > 0) tally.crashed++;
  tally.lives += result.lives;
  tally.virtualHours += result.virtualMs / 3_600_000;
  tally.faults += result.faults;
  tally.creates += result.creates;
  tally.adopted += result.adopted;
  tally.absent += result.absent;
  tally.held += result.held;
  for (const { breach } of result.violations) tally.breaches[breach]++;
  const [first] = result.violations;
  if (first !== undefined) tally.failing.push({ seed: result.seed, shape: result.shape, ...first });
}

export function merge(into: Tally, from: Tally): void {
  for (const field of COUNTED) into[field] += from[field];
  for (const breach of Object.keys(into.breaches) as Breach[]) {
    into.breaches[breach] += from.breaches[breach];
  }
  into.failing.push(...from.failing);
}

const COUNTED = [
  'histories',
  'crashed',
  'crashes',
  'lives',
  'virtualHours',
  'faults',
  'creates',
  'adopted',
  'absent',
  'held',
  'cpuSeconds',
] as const;

const SHOWN_SEEDS = 10;

const oneDecimal = (figure: number): string =>
  figure
    .toLocaleString('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 })
    .padStart(12);

/** The figures for a person; a failing seed comes with the command that shows it again. */
export function tallyText(tally: Tally, seconds: number): string {
  const { breaches } = tally;
  const figures: readonly (readonly [string, number])[] = [
    ['histories', tally.histories],
    ['  with crashes', tally.crashed],
    ['crashes', tally.crashes],
    ['processes', tally.lives],
    ['virtual hours', Math.round(tally.virtualHours)],
    ['faults', tally.faults],
    ['creates', tally.creates],
    ['adopted', tally.adopted],
    ['shown absent', tally.absent],
    ['held', tally.held],
    ['double payments', breaches['double payment']],
    ['lost answers', breaches['lost answer']],
    ['budget overruns', breaches['budget overrun']],
    ['ledger too low', breaches.ledger],
    ['out of order', breaches.order],
    ['not at an end', breaches.end],
    ['other outcome', breaches['other outcome']],
  ];
  const lines = figures.map(
    ([name, figure]) => `${name.padEnd(16)}${figure.toLocaleString('en-US').padStart(12)}`,
  );
  const measured: readonly (readonly [string, number])[] = [
    ['seconds', seconds],
    ['  of processors', tally.cpuSeconds],
    ['  and for 1,000', (tally.cpuSeconds * 1_000) / Math.max(1, tally.histories)],
    ['seeds per second', tally.histories / seconds],
  ];
  for (const [name, figure] of measured) lines.push(`${name.padEnd(16)}${oneDecimal(figure)}`);
  const failing = tally.failing.toSorted((a, b) => a.seed - b.seed);
  for (const { seed, shape, breach, message } of failing.slice(0, SHOWN_SEEDS)) {
    lines.push('', `seed ${seed} (${shape}): ${breach}: ${message}`);
    lines.push(`  again: npm run sim -- --seed ${seed} --trace`);
  }
  if (failing.length > SHOWN_SEEDS) {
    lines.push('', `and ${failing.length - SHOWN_SEEDS} more seeds`);
  }
  return `${lines.join('\n')}\n`;
}
