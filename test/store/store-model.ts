import { holdOf } from '../../src/store/open-attempts.ts';
import type { Fingerprint } from '../../src/base/fingerprint.ts';
import type {
  AnswerId,
  AttemptEnded,
  Known,
  LedgerEntry,
  Member,
  NewAnswer,
  OpenAttempt,
  RunRecord,
  StepState,
  Store,
} from '../../src/store/store.ts';
import {
  answer,
  attemptId,
  collect,
  created,
  doubted,
  ended,
  failed,
  fingerprint,
  held,
  intended,
  member,
  run,
  stepState,
  time,
} from './samples.ts';

/** One write, small enough that fast-check can shrink a history to the few that matter. */
export type Write =
  | { readonly kind: 'intend'; readonly asks: readonly number[] }
  | { readonly kind: 'created'; readonly attempt: number }
  | { readonly kind: 'note'; readonly attempt: number; readonly held: boolean }
  | {
      readonly kind: 'settle';
      readonly attempt: number;
      readonly failed: boolean;
      readonly answers: readonly number[];
    }
  | { readonly kind: 'add'; readonly step: number; readonly members: number }
  | { readonly kind: 'publish'; readonly step: number }
  | { readonly kind: 'discard'; readonly step: number }
  | { readonly kind: 'run'; readonly run: number };

interface Questions {
  readonly ids: readonly AnswerId[];
  readonly versions: readonly string[];
}

export const FINGERPRINTS = 5;
const STEPS = 3;

/**
 * What a store should say, told as a list of facts and answered by searching it: slow, and with
 * nothing in common with how stores work. It also performs each write on the store under test.
 */
export class StoreModel {
  readonly #ledger: LedgerEntry[] = [];
  readonly #answers: { id: AnswerId; answer: NewAnswer; at: number }[] = [];
  readonly #failures: {
    fingerprint: Fingerprint;
    kind: string;
    time: string;
    charged: boolean;
    readonly said: { readonly message?: string };
    at: number;
  }[] = [];
  readonly #published = new Map<number, StepState>();
  readonly #members = new Map<string, (readonly Member[])[]>();
  readonly #runs = new Map<number, RunRecord>();
  readonly #versionOf = Array.from({ length: STEPS }, () => 0);

  async apply(store: Store, write: Write): Promise<void> {
    switch (write.kind) {
      case 'intend': {
        const asks = [...new Set(write.asks)].map((ask) => fingerprint(String(ask)));
        const at = time(this.#intents().length);
        const entry = intended(`attempt-${this.#intents().length}`, { fingerprints: asks, at });
        await store.intend(entry);
        this.#ledger.push(entry);
        return;
      }
      case 'created': {
        const entry = created(`attempt-${write.attempt}`, `run-${this.#ledger.length}`);
        await store.created(entry);
        this.#ledger.push(entry);
        return;
      }
      case 'note': {
        const name = `attempt-${write.attempt}`;
        const entry = write.held ? held(name) : doubted(name);
        await store.note(entry);
        this.#ledger.push(entry);
        return;
      }
      case 'settle':
        return this.#settle(store, write);
      case 'add':
        return this.#add(store, write.step, write.members);
      case 'publish':
        return this.#publish(store, write.step);
      case 'discard': {
        const version = this.#version(write.step);
        await store.discard(version);
        this.#members.delete(version);
        this.#versionOf[write.step] = (this.#versionOf[write.step] ?? 0) + 1;
        return;
      }
      case 'run': {
        const record = run(`run${write.run}`, write.run, { started: this.#ledger.length });
        await store.putRun(record);
        this.#runs.set(write.run, record);
      }
    }
  }

  /** What there is to ask for by name. */
  questions(): Questions {
    return { ids: this.#answers.map(({ id }) => id), versions: [...this.#members.keys()] };
  }

  /** All that a store says, in one value. */
  async said(store: Store, { ids, versions }: Questions = this.questions()): Promise<unknown> {
    const steps = await Promise.all(
      Array.from({ length: STEPS }, (_, step) => store.stepState('leads', `step${step}`)),
    );
    return {
      known: await store.look(this.#fingerprints()),
      open: await store.openAttempts(),
      ledger: await collect(store.ledger()),
      answers: await store.answers(ids),
      steps,
      stepStates: await store.stepStates('leads'),
      pipelines: await store.pipelines(),
      members: await Promise.all(versions.map((version) => collect(store.members(version)))),
      portion: await Promise.all(versions.map((version) => store.memberPortion(version, 1))),
      runs: await store.runs(2),
    };
  }

  expected(): unknown {
    const steps = Array.from({ length: STEPS }, (_, step) => this.#published.get(step));
    const states = steps.filter((state) => state !== undefined);
    const runs = [...this.#runs].sort(([a], [b]) => b - a).map(([, record]) => record);
    return {
      known: this.#fingerprints().map((one) => this.#known(one)),
      open: this.#open(),
      ledger: this.#ledger,
      answers: this.#answers.map(({ id, answer: given }) => ({ id, ...given })),
      steps,
      stepStates: states,
      pipelines: states.length > 0 ? ['leads'] : [],
      members: [...this.#members.values()].map((portions) => portions.flat()),
      portion: [...this.#members.values()].map((portions) => portions[1]),
      runs: runs.slice(0, 2),
    };
  }

  async #settle(
    store: Store,
    { attempt, failed: isFailed, answers }: Extract<Write, { kind: 'settle' }>,
  ): Promise<void> {
    const name = `attempt-${attempt}`;
    const at = this.#ledger.length;
    const fields = { at: time(at) };
    const entry: AttemptEnded = isFailed ? failed(name, fields) : ended(name, fields);
    const given = [...new Set(answers)].map((one) =>
      answer(String(one), { attempt: attemptId(name), answeredAt: time(at) }),
    );
    const opened = this.#open().find((open) => open.attempt === entry.attempt);
    const ids = await store.settle(entry, given);
    this.#ledger.push(entry);
    given.forEach((one, i) =>
      this.#answers.push({ id: ids[i] ?? (-1 as AnswerId), answer: one, at }),
    );
    for (const asked of opened?.fingerprints ?? []) {
      if (given.some((one) => one.fingerprint === asked)) continue;
      const kind = entry.failure ?? 'no-record';
      const charged = (entry.reported ?? 1) > 0;
      const said = entry.message === null ? {} : { message: entry.message };
      this.#failures.push({ fingerprint: asked, kind, time: entry.at, charged, said, at });
    }
  }

  async #add(store: Store, step: number, count: number): Promise<void> {
    const version = this.#version(step);
    const portions = this.#members.get(version) ?? [];
    const members = Array.from({ length: count }, (_, i) => member(`m${i}`, i));
    await store.addMembers(version, portions.length, members);
    this.#members.set(version, [...portions, members]);
  }

  async #publish(store: Store, step: number): Promise<void> {
    const state = stepState(`step${step}`, this.#version(step));
    await store.publish(state);
    const before = this.#published.get(step);
    if (before !== undefined && before.version !== state.version) {
      this.#members.delete(before.version);
    }
    this.#published.set(step, state);
    this.#versionOf[step] = (this.#versionOf[step] ?? 0) + 1;
  }

  /** A version has one life: after its end the step goes on with the next. */
  #version(step: number): string {
    return `run/leads/step${step}/${this.#versionOf[step]}`;
  }

  #fingerprints(): Fingerprint[] {
    return Array.from({ length: FINGERPRINTS }, (_, i) => fingerprint(String(i)));
  }

  #intents(): Extract<LedgerEntry, { type: 'attempt-intended' }>[] {
    return this.#ledger.filter((entry) => entry.type === 'attempt-intended');
  }

  #open(): OpenAttempt[] {
    return this.#intents().flatMap((intent) => {
      const later = this.#ledger.slice(this.#ledger.indexOf(intent));
      const own = later.filter((entry) => entry.attempt === intent.attempt);
      if (own.some((entry) => entry.type === 'attempt-ended')) return [];
      const runs = own.filter((entry) => entry.type === 'attempt-created');
      const { type: _, at, ...facts } = intent;
      const agentRunId = runs.at(-1)?.agentRunId;
      const last = own.findLast((entry) => entry.type !== 'attempt-doubted');
      const held = last?.type === 'attempt-held' ? holdOf(last) : undefined;
      return [{ ...facts, intendedAt: at, agentRunId, held }];
    });
  }

  #known(asked: Fingerprint): Known {
    const last = this.#answers.findLast(({ answer: one }) => one.fingerprint === asked);
    const failure = this.#failures.findLast((one) => one.fingerprint === asked);
    const open = this.#open().findLast(({ fingerprints }) => fingerprints.includes(asked));
    const failedLast = failure !== undefined && failure.at > (last?.at ?? -1);
    return {
      answer:
        last === undefined
          ? undefined
          : {
              id: last.id,
              answeredAt: last.answer.answeredAt,
              digest: last.answer.digest,
              agentRunId: last.answer.agentRunId,
            },
      open,
      failed: failedLast
        ? { kind: failure.kind, at: failure.time, charged: failure.charged, ...failure.said }
        : undefined,
    };
  }
}
