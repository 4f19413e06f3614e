import { isoTime } from '../../base/clock.ts';
import { addMoney, moneyOfTable, microdollars, type Microdollars } from '../../base/money.ts';
import { addSpend, NO_SPEND, type Spend } from '../../cost/spend.ts';
import type { Project } from '../../pipeline/project-file.ts';
import type { LedgerEntry, Store } from '../../store/store.ts';
import { EXIT, type ExitCode, type Io } from '../io.ts';
import type { CommonOptions } from '../options.ts';
import { budgetLines } from '../render-money.ts';
import { textTable } from '../text-table.ts';
import { withState } from '../with-state.ts';

/** What one step was billed, by its agents' own words. */
interface StepCost {
  readonly pipeline: string;
  readonly step: string;
  attempts: number;
  agentRuns: number;
  /** Agent runs whose cost is known. */
  charged: number;
  /** Attempts that ended without a word on their cost. */
  unsaid: number;
  spend: Spend;
}

/** Sums the ledger by pipeline and step: reported, still reserved, and unknown, never mixed. */
export async function cost(
  names: readonly string[],
  options: CommonOptions,
  io: Io,
): Promise<ExitCode> {
  return withState(names, options, io, async ({ store, pipelines, project }) => {
    const all = await stepCosts(store);
    const steps = all.filter(({ pipeline }) => pipelines.includes(pipeline));
    const periods = await store.spending(isoTime(io.clock.now()));
    if (options.json === true) {
      const total = totalOf(steps);
      io.out(`${JSON.stringify({ steps, total, ...periods, budget: caps(project) }, null, 2)}\n`);
    } else if (steps.length === 0) {
      io.out('Nothing has been asked yet.\n');
    } else {
      const lines = [...table(steps), ...budgetLines(project.budget, periods)];
      io.out(`${lines.join('\n')}\n`);
    }
    return EXIT.done;
  });
}

const caps = ({ budget: { day, month } }: Project): Readonly<Record<string, number | null>> => ({
  day: day ?? null,
  month: month ?? null,
});

const totalOf = (steps: readonly StepCost[]): Spend =>
  steps.reduce((sum, { spend }) => addSpend(sum, spend), NO_SPEND);

async function stepCosts(store: Store): Promise<readonly StepCost[]> {
  const costs = new StepCosts();
  for await (const entries of store.ledger()) for (const entry of entries) costs.add(entry);
  return costs.all;
}

class StepCosts {
  readonly #costs = new Map<string, StepCost>();
  /** Attempts that have begun and, so far in the ledger, not ended. */
  readonly #open = new Map<string, { readonly of: StepCost; readonly reserved: Microdollars }>();

  get all(): readonly StepCost[] {
    return [...this.#costs.values()];
  }

  add(entry: LedgerEntry): void {
    if (entry.type === 'attempt-intended') {
      const of = this.#costOf(entry.pipeline, entry.step);
      of.attempts++;
      of.spend = addSpend(of.spend, { ...NO_SPEND, reserved: entry.reserved });
      this.#open.set(entry.attempt, { of, reserved: entry.reserved });
      return;
    }
    if (entry.type === 'cost-told') {
      const of = this.#costOf(entry.pipeline, entry.step);
      of.unsaid--;
      of.charged++;
      const { reported, reserved } = entry;
      of.spend = {
        ...of.spend,
        reported: addMoney(of.spend.reported, reported),
        unknown: microdollars(of.spend.unknown - reserved),
      };
      return;
    }
    const begun = this.#open.get(entry.attempt);
    if (begun === undefined) return;
    const { of, reserved } = begun;
    if (entry.type === 'attempt-created') of.agentRuns++;
    if (entry.type !== 'attempt-ended') return;
    this.#open.delete(entry.attempt);
    const { reported } = entry;
    of.spend = {
      reported: addMoney(of.spend.reported, reported ?? microdollars(0)),
      reserved: microdollars(of.spend.reserved - reserved),
      unknown: reported === null ? addMoney(of.spend.unknown, reserved) : of.spend.unknown,
    };
    if (reported === null) of.unsaid++;
    else if (entry.agentRunId !== null) of.charged++;
  }

  #costOf(pipeline: string, step: string): StepCost {
    const id = `${pipeline}/${step}`;
    const counts = { attempts: 0, agentRuns: 0, charged: 0, unsaid: 0 };
    const found = this.#costs.get(id) ?? { pipeline, step, ...counts, spend: NO_SPEND };
    this.#costs.set(id, found);
    return found;
  }
}

function table(costs: readonly StepCost[]): readonly string[] {
  const total = totalOf(costs);
  const spends = [...costs.map(({ spend }) => spend), total];
  const amounts = spends.flatMap(({ reported, reserved, unknown }) => [
    reported,
    reserved,
    unknown,
  ]);
  const money = moneyOfTable([...amounts, ...costs.map(perRun)]);
  const rows = costs.map((cost) => [
    cost.pipeline,
    cost.step,
    String(cost.attempts),
    ...cells(cost.spend, cost.unsaid, money),
    cost.charged === 0 ? '–' : money(perRun(cost)),
  ]);
  const unsaid = costs.reduce((sum, it) => sum + it.unsaid, 0);
  return textTable(
    [
      { title: 'pipeline' },
      { title: 'step' },
      { title: 'attempts', align: 'right' },
      { title: 'reported', align: 'right' },
      { title: 'reserved', align: 'right' },
      { title: 'unknown', align: 'right' },
      { title: 'per agent run', align: 'right' },
    ],
    [...rows, ['total', '', '', ...cells(total, unsaid, money), '']],
  );
}

/** What is unknown is at most the ceiling that was held, and never shown as nothing. */
const cells = (
  { reported, reserved, unknown }: Spend,
  unsaid: number,
  money: (amount: Microdollars) => string,
): readonly string[] => [
  money(reported),
  reserved === 0 ? '–' : money(reserved),
  unsaid === 0 ? '–' : `up to ${money(unknown)}`,
];

/** What an agent run that told its cost came to, on average. */
const perRun = ({ charged, spend }: StepCost): Microdollars =>
  microdollars(charged === 0 ? 0 : Math.round(spend.reported / charged));
