import type { AttemptId } from '../base/ids.ts';
import { microdollars, type Microdollars } from '../base/money.ts';
import type { LedgerEntry, Store } from '../store/store.ts';
import type { PlanNotes } from './plan-notes.ts';

/** What the ledger says about the steps of a plan. */
export interface LedgerFacts {
  /** The median of what agent runs of a step cost with the same agent and effort. */
  readonly medians: ReadonlyMap<string, Microdollars>;
  /** What the answers that a step uses again once cost. */
  readonly saved: ReadonlyMap<string, Microdollars>;
}

/** A step whose earlier agent runs are of interest. */
export interface WantedStep {
  readonly step: string;
  readonly agent: string;
  readonly effort: string | undefined;
}

type Intent = Extract<LedgerEntry, { type: 'attempt-intended' }>;

/** The median is that of so many agent runs, the newest: prices and queries change. */
const MOST_COSTS = 1_000;

export const NO_FACTS: LedgerFacts = { medians: new Map(), saved: new Map() };

/** Goes once through the ledger. */
export async function readLedgerFacts(
  store: Store,
  pipeline: string,
  wanted: readonly WantedStep[],
  notes: PlanNotes,
): Promise<LedgerFacts> {
  const reader = new FactReader(pipeline, wanted, notes);
  for await (const entries of store.ledger()) for (const entry of entries) reader.add(entry);
  return reader.facts();
}

class FactReader {
  readonly #pipeline: string;
  readonly #wanted: readonly WantedStep[];
  readonly #notes: PlanNotes;
  readonly #open = new Map<AttemptId, Intent>();
  readonly #costs = new Map<string, Microdollars[]>();
  readonly #saved = new Map<string, number>();

  constructor(pipeline: string, wanted: readonly WantedStep[], notes: PlanNotes) {
    this.#pipeline = pipeline;
    this.#wanted = wanted;
    this.#notes = notes;
  }

  add(entry: LedgerEntry): void {
    if (entry.type === 'attempt-intended') this.#open.set(entry.attempt, entry);
    if (entry.type !== 'attempt-ended') return;
    const intent = this.#open.get(entry.attempt);
    this.#open.delete(entry.attempt);
    if (intent === undefined || entry.reported === null || entry.agentRunId === null) return;
    this.#addCost(intent, entry.reported);
    if (entry.outcome === 'answered' && entry.reported > 0) {
      this.#addSaved(intent, entry.agentRunId, entry.reported);
    }
  }

  facts(): LedgerFacts {
    const medians = [...this.#costs].map(([step, costs]) => [step, median(costs)] as const);
    const saved = [...this.#saved].map(
      ([step, sum]) => [step, microdollars(Math.round(sum))] as const,
    );
    return { medians: new Map(medians), saved: new Map(saved) };
  }

  #addCost({ pipeline, step, agent, effort }: Intent, cost: Microdollars): void {
    const wanted = this.#wanted.find((it) => it.step === step);
    if (pipeline !== this.#pipeline || wanted === undefined) return;
    if (wanted.agent !== agent || (wanted.effort ?? null) !== effort) return;
    const costs = this.#costs.get(step) ?? [];
    costs.push(cost);
    if (costs.length > 2 * MOST_COSTS) costs.splice(0, costs.length - MOST_COSTS);
    this.#costs.set(step, costs);
  }

  /** Of an agent run about several records each has its share. */
  #addSaved({ fingerprints }: Intent, agentRunId: string, cost: Microdollars): void {
    for (const { step } of this.#wanted) {
      const note = this.#notes.note(step);
      const used = fingerprints.filter((it) => note.usesAnswer(it, agentRunId)).length;
      if (used === 0) continue;
      const share = (cost * used) / fingerprints.length;
      this.#saved.set(step, (this.#saved.get(step) ?? 0) + share);
    }
  }
}

/** Of an even number the lower of the two in the middle: an amount that was really paid. */
function median(costs: readonly Microdollars[]): Microdollars {
  const sorted = costs.slice(-MOST_COSTS).sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? microdollars(0);
}
