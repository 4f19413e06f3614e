import { addMoney, microdollars, type Microdollars } from '../base/money.ts';
import type { CostEstimate } from '../cost/estimate.ts';
import type { Reason } from '../plan/decide.ts';

/** What a plan says of one step. */
export interface StepPlan {
  readonly step: string;
  readonly kind: 'agent' | 'sql';
  readonly agent: string | undefined;
  readonly effort: string | undefined;
  /** Questions known now; more may follow from steps before it that have to run first. */
  readonly tasks: number;
  readonly toRun: number;
  readonly reused: number;
  readonly held: number;
  /** Agent runs to start; fewer than `toRun` where records go in batches. */
  readonly agentRuns: number;
  /** How many to run for which reason, most first. */
  readonly why: readonly { readonly reason: string; readonly count: number }[];
  /** Undefined where a price is not known. */
  readonly expected: Microdollars | undefined;
  readonly ceiling: Microdollars | undefined;
  readonly basis: string | undefined;
  /** Steps whose new answers decide what else there is to do. */
  readonly waitsFor: readonly string[];
  /** The table stays as it is. */
  readonly unchanged: boolean;
}

/** Collects what would be done, while the code of a run goes through all but the doing. */
export class PlanNotes {
  readonly #steps = new Map<string, Note>();

  begin(step: string, kind: 'agent' | 'sql', agent?: string, effort?: string): void {
    this.#steps.set(step, new Note(step, kind, agent, effort));
  }

  note(step: string): Note {
    const note = this.#steps.get(step);
    if (note === undefined) throw new Error(`No plan was begun for step ${step}`);
    return note;
  }

  get steps(): readonly StepPlan[] {
    return [...this.#steps.values()].map((note) => note.plan());
  }
}

class Note {
  readonly #step: string;
  readonly #kind: 'agent' | 'sql';
  readonly #agent: string | undefined;
  readonly #effort: string | undefined;
  readonly #why = new Map<string, number>();
  readonly #waitsFor = new Set<string>();
  #reused = 0;
  #held = 0;
  #toRun = 0;
  #agentRuns = 0;
  #expected: Microdollars | undefined = microdollars(0);
  #ceiling: Microdollars | undefined = microdollars(0);
  #basis: string | undefined;
  #unchanged = false;

  constructor(
    step: string,
    kind: 'agent' | 'sql',
    agent: string | undefined,
    effort: string | undefined,
  ) {
    this.#step = step;
    this.#kind = kind;
    this.#agent = agent;
    this.#effort = effort;
  }

  reuse(count: number): void {
    this.#reused += count;
  }

  hold(): void {
    this.#held++;
  }

  run(reason: Reason): void {
    this.#toRun++;
    const text = reasonText(reason);
    this.#why.set(text, (this.#why.get(text) ?? 0) + 1);
  }

  /** One agent run that would be started. */
  price(estimate: CostEstimate): void {
    this.#agentRuns++;
    this.#expected = sum(this.#expected, estimate.expected);
    this.#ceiling = sum(this.#ceiling, estimate.ceiling);
    this.#basis = estimate.basis;
  }

  waitFor(step: string): void {
    this.#waitsFor.add(step);
  }

  keepTable(): void {
    this.#unchanged = true;
  }

  plan(): StepPlan {
    return {
      step: this.#step,
      kind: this.#kind,
      agent: this.#agent,
      effort: this.#effort,
      tasks: this.#reused + this.#held + this.#toRun,
      toRun: this.#toRun,
      reused: this.#reused,
      held: this.#held,
      agentRuns: this.#agentRuns,
      why: [...this.#why].map(([reason, count]) => ({ reason, count })).sort(byCount),
      expected: this.#expected,
      ceiling: this.#ceiling,
      basis: this.#basis,
      waitsFor: [...this.#waitsFor],
      unchanged: this.#unchanged,
    };
  }
}

const byCount = (a: { count: number }, b: { count: number }): number => b.count - a.count;

const sum = (a: Microdollars | undefined, b: Microdollars | undefined): Microdollars | undefined =>
  a === undefined || b === undefined ? undefined : addMoney(a, b);

/** A reason as plans and `--json` give it: `new`, `query changed`, `stale`. */
function reasonText(reason: Reason): string {
  switch (reason.kind) {
    case 'changed':
      return `${reason.parts.join(', ')} changed`;
    case 'failed-before':
      return 'failed last time';
    case 'refresh':
      return 'refresh asked';
    case 'in-doubt':
      return 'held: may have been paid for';
    case 'answered':
    case 'interrupted':
    case 'new':
    case 'stale':
      return reason.kind;
  }
}
