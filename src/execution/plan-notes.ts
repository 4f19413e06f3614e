import type { Fingerprint } from '../base/fingerprint.ts';
import { KeySet } from '../base/key-set.ts';
import type { CapReached } from '../cost/cap.ts';
import type { Reason } from '../plan/decide.ts';
import { SetDigest } from '../plan/set-digest.ts';

/** What a run would do in one step, as far as it can be known before it. */
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
  /** Failed before, paid for, and not asked again by themselves. */
  readonly kept: number;
  /** Left out by a limit or for want of money. */
  readonly left: number;
  /** Tasks for which a template has no text, and what is wrong with the first. */
  readonly unaskable: { readonly tasks: number; readonly message: string } | undefined;
  /** Agent runs to start; fewer than `toRun` where records go in batches. */
  readonly agentRuns: number;
  /** How many to run for which reason, most first. */
  readonly why: readonly { readonly reason: string; readonly count: number }[];
  /** When the oldest of the answers was given that are too old by now. */
  readonly staleSince: string | undefined;
  /** Steps whose new answers decide what else there is to do. */
  readonly waitsFor: readonly string[];
  /** The table stays as it is. */
  readonly unchanged: boolean;
  /** Of the questions to run, in whatever order: equal when they are the same. */
  readonly digest: string;
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

  /** The first ceiling without room for all, if there is one. */
  get stop(): CapReached | undefined {
    for (const { stop } of this.#steps.values()) if (stop !== undefined) return stop;
    return undefined;
  }
}

/** Of one step. */
class Note {
  readonly #step: string;
  readonly #kind: 'agent' | 'sql';
  readonly #agent: string | undefined;
  readonly #effort: string | undefined;
  readonly #why = new Map<string, number>();
  readonly #waitsFor = new Set<string>();
  readonly #digest = new SetDigest();
  readonly #answers = new KeySet();
  #reused = 0;
  #held = 0;
  #kept = 0;
  #toRun = 0;
  #left = 0;
  #agentRuns = 0;
  #unaskable: StepPlan['unaskable'];
  #stop: CapReached | undefined;
  #staleSince: string | undefined;
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

  get toRun(): number {
    return this.#toRun;
  }

  /** Which ceiling had no room for a task of the step. */
  get stop(): CapReached | undefined {
    return this.#stop;
  }

  reuse(count: number): void {
    this.#reused += count;
  }

  /** An answer that is used again, for what it once cost. */
  answeredBefore(fingerprint: Fingerprint, agentRunId: string): void {
    this.#answers.add(answerMark(fingerprint, agentRunId));
  }

  usesAnswer(fingerprint: Fingerprint, agentRunId: string): boolean {
    return this.#answers.has(answerMark(fingerprint, agentRunId));
  }

  /** An answer that is too old by now, and when it was given. */
  stale(answeredAt: string | undefined): void {
    if (answeredAt === undefined) return;
    if (this.#staleSince === undefined || answeredAt < this.#staleSince) {
      this.#staleSince = answeredAt;
    }
  }

  hold(): void {
    this.#held++;
  }

  keep(reason: Reason): void {
    this.#kept++;
    this.#because(reason);
  }

  cannotAsk(message: string): void {
    const { tasks, message: first } = this.#unaskable ?? { tasks: 0, message };
    this.#unaskable = { tasks: tasks + 1, message: first };
  }

  run(fingerprint: Fingerprint, reason: Reason): void {
    this.#toRun++;
    this.#digest.add(fingerprint);
    this.#because(reason);
  }

  #because(reason: Reason): void {
    const text = reasonText(reason);
    this.#why.set(text, (this.#why.get(text) ?? 0) + 1);
  }

  /** Left out by the limit. */
  leave(count: number): void {
    this.#left += count;
  }

  /** Left out because a ceiling has no room for it. */
  stopAt(reached: CapReached, count: number): void {
    this.#stop ??= reached;
    this.#left += count;
  }

  /** One agent run that would be started. */
  start(): void {
    this.#agentRuns++;
  }

  waitFor(step: string): void {
    this.#waitsFor.add(step);
  }

  keepTable(): void {
    this.#unchanged = true;
  }

  get #known(): number {
    const asked = this.#reused + this.#held + this.#kept + this.#toRun + this.#left;
    return asked + (this.#unaskable?.tasks ?? 0);
  }

  plan(): StepPlan {
    return {
      step: this.#step,
      kind: this.#kind,
      agent: this.#agent,
      effort: this.#effort,
      tasks: this.#known,
      toRun: this.#toRun,
      reused: this.#reused,
      held: this.#held,
      kept: this.#kept,
      left: this.#left,
      unaskable: this.#unaskable,
      agentRuns: this.#agentRuns,
      why: [...this.#why].map(([reason, count]) => ({ reason, count })).sort(byCount),
      staleSince: this.#staleSince,
      waitsFor: [...this.#waitsFor],
      unchanged: this.#unchanged,
      digest: this.#digest.toString(),
    };
  }
}

const answerMark = (fingerprint: string, agentRunId: string): string =>
  `${fingerprint} ${agentRunId}`;

const byCount = (a: { count: number }, b: { count: number }): number => b.count - a.count;

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
      return 'may have been sent: looked for first';
    case 'held':
      return `held: ${reason.why}`;
    case 'retry-failed':
      return 'failed and paid for, asked again';
    case 'failed-kept':
      return `failed before, kept: ${reason.failure}`;
    case 'answered':
    case 'interrupted':
    case 'new':
    case 'stale':
      return reason.kind;
  }
}
