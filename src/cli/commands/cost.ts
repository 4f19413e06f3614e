import { addMoney, formatMoney, microdollars, type Microdollars } from '../../base/money.ts';
import type { Store } from '../../store/store.ts';
import { EXIT, type ExitCode, type Io } from '../io.ts';
import type { CommonOptions } from '../options.ts';
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
  reported: Microdollars;
  /** Ended without a word on the cost. */
  unknown: number;
  /** Held for attempts that have not ended. */
  reserved: Microdollars;
}

/** Sums the ledger by pipeline and step: reported, still reserved, and unknown, never mixed. */
export async function cost(
  names: readonly string[],
  options: CommonOptions,
  io: Io,
): Promise<ExitCode> {
  return withState(names, options, io, async ({ store, pipelines }) => {
    const all = await stepCosts(store);
    const shown = all.filter(({ pipeline }) => pipelines.includes(pipeline));
    if (options.json === true) io.out(`${JSON.stringify(shown, null, 2)}\n`);
    else if (shown.length === 0) io.out('Nothing has been asked yet.\n');
    else io.out(`${table(shown).join('\n')}\n`);
    return EXIT.done;
  });
}

async function stepCosts(store: Store): Promise<readonly StepCost[]> {
  const costs = new Map<string, StepCost>();
  /** Attempts that have begun and, so far in the ledger, not ended. */
  const open = new Map<string, { readonly of: StepCost; readonly reserved: Microdollars }>();
  for await (const entries of store.ledger()) {
    for (const entry of entries) {
      if (entry.type === 'attempt-intended') {
        const of = costOf(costs, entry.pipeline, entry.step);
        of.attempts++;
        of.reserved = addMoney(of.reserved, entry.reserved);
        open.set(entry.attempt, { of, reserved: entry.reserved });
      } else if (entry.type === 'attempt-created') {
        const begun = open.get(entry.attempt);
        if (begun !== undefined) begun.of.agentRuns++;
      } else {
        const begun = open.get(entry.attempt);
        if (begun === undefined) continue;
        open.delete(entry.attempt);
        begun.of.reserved = microdollars(begun.of.reserved - begun.reserved);
        if (entry.reported === null) begun.of.unknown++;
        else begun.of.reported = addMoney(begun.of.reported, entry.reported);
        if (entry.reported !== null && entry.agentRunId !== null) begun.of.charged++;
      }
    }
  }
  return [...costs.values()];
}

function costOf(costs: Map<string, StepCost>, pipeline: string, step: string): StepCost {
  const id = `${pipeline}/${step}`;
  let found = costs.get(id);
  if (found === undefined) {
    const none = microdollars(0);
    found = {
      pipeline,
      step,
      attempts: 0,
      agentRuns: 0,
      charged: 0,
      reported: none,
      unknown: 0,
      reserved: none,
    };
    costs.set(id, found);
  }
  return found;
}

function table(costs: readonly StepCost[]): readonly string[] {
  const total = costs.reduce((sum, it) => addMoney(sum, it.reported), microdollars(0));
  const rows = costs.map((it) => [
    it.pipeline,
    it.step,
    String(it.attempts),
    formatMoney(it.reported),
    it.reserved === 0 ? '–' : formatMoney(it.reserved),
    it.unknown === 0 ? '–' : String(it.unknown),
    it.charged === 0 ? '–' : formatMoney(microdollars(Math.round(it.reported / it.charged))),
  ]);
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
    [...rows, ['total', '', '', formatMoney(total), '', '', '']],
  );
}
