import { isTerminal, type AgentBackend, type AgentProblem, type AgentRun } from '../agent/agent.ts';
import { isoTime } from '../base/clock.ts';
import type { RunId } from '../base/ids.ts';
import type { Microdollars } from '../base/money.ts';
import { ok, type Result } from '../base/result.ts';
import { untilAny } from '../base/until-any.ts';
import type { AttemptEnded, AttemptIntended, CostTold, Store } from '../store/store.ts';
import type { Booked } from './booked.ts';
import type { RunContext } from './context.ts';
import { tellOverCeiling } from './over-ceiling.ts';
import { changedText, type FirstEnd } from './remote-changed.ts';
import { reportedCost } from './reported-cost.ts';
import { stopForThrown } from './stop-for-thrown.ts';
import { endWasUnseen, listedRun } from './unseen-end.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** How long after its end an agent run is asked again what it cost, one time after another. */
const TIMES_MS: readonly number[] = [MINUTE_MS, 5 * MINUTE_MS, 30 * MINUTE_MS, DAY_MS];
/** A server that has not said by then what an agent run cost will not say it any more. */
const ASKED_FOR_MS: number = 7 * DAY_MS;
const WAIT_MS = 10_000;
/** So many are asked for before the first step; the others beside the steps. */
const FIRST = 32;
const AT_ONCE = 8;
/** Of more than that at a time, the next run asks for the rest. */
const MOST_WATCHED = 1_000;

/** An attempt that ended without a word on its cost. */
interface Unsaid extends Omit<CostTold, 'type' | 'at' | 'reported'> {
  readonly agent: string;
  readonly agentRunId: string;
  /** Undefined where its end was not seen. */
  readonly firstEnd: FirstEnd | undefined;
  /** Called once its cost is in the store. */
  readonly told?: (cost: Microdollars) => void;
}

interface Watched {
  readonly unsaid: Unsaid;
  readonly dueMs: number;
  /** Of its times, those that are left after this one. */
  readonly later: readonly number[];
}

/** What came of asking: its cost is known now, or still is not, or nobody answers at all. */
type Asked = 'told' | 'unsaid' | 'no answer';

/**
 * Asks again what agent runs cost that ended without saying so: until it is known their ceilings
 * stay taken. One sleep at a time, and nothing that a run waits for: what cannot be had while it
 * goes on is asked about at the start of the next one. Of that a run waits for a few only, so that
 * their ceilings make room before it begins.
 */
export class LateCosts {
  readonly #context: RunContext;
  readonly #booked: Booked;
  readonly #over = new AbortController();
  /** Agent runs that were told to show another end than before. */
  readonly #changed = new Set<string>();
  #watched: readonly Watched[] = [];
  #wake = new AbortController();
  #watching: Promise<void> | undefined;
  #asking: Promise<void> | undefined;

  constructor(context: RunContext, booked: Booked) {
    this.#context = context;
    this.#booked = booked;
  }

  /** Asks for what earlier runs of the pipeline left without a cost in the last days. */
  async begin(): Promise<void> {
    const { store, clock, pipeline } = this.#context;
    const nowMs = clock.now();
    if (!(await anyUnknown(store, nowMs))) return;
    const all = await unsaidCosts(store, pipeline.name, nowMs);
    await this.#booked.know(all.map(({ agentRunId }) => agentRunId));
    const answers = await this.#askAll(all.slice(0, FIRST), true);
    if (all.length <= FIRST) return;
    this.#asking = this.#askAll(all.slice(FIRST), answers).then(
      () => undefined,
      (error: unknown) => {
        stopForThrown(error, this.#context.stop);
      },
    );
  }

  /** A few at a time. Gives whether there is anybody who answers. */
  async #askAll(all: readonly Unsaid[], answersAtFirst: boolean): Promise<boolean> {
    let answers = answersAtFirst;
    const left = all.values();
    const askOnes = async (): Promise<void> => {
      // Each takes the next one of the same list.
      for (const unsaid of left) {
        if (this.#over.signal.aborted) return;
        const asked = answers ? await this.#ask(unsaid) : 'no answer';
        // Who does not answer one would not answer the next.
        if (asked === 'no answer') answers = false;
        if (asked !== 'told') this.watch(unsaid);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, askOnes));
    return answers;
  }

  /** Asks for it at its times, for as long as the run goes on. */
  watch(unsaid: Unsaid): void {
    const nowMs = this.#context.clock.now();
    const endedMs = Date.parse(unsaid.endedAt);
    const times = TIMES_MS.map((ms) => endedMs + ms).filter((ms) => ms > nowMs);
    this.#watch(unsaid, times);
  }

  #watch(unsaid: Unsaid, [dueMs, ...later]: readonly number[]): void {
    if (dueMs === undefined || this.#watched.length >= MOST_WATCHED) return;
    if (this.#over.signal.aborted) return;
    if (this.#watched.every((it) => dueMs < it.dueMs)) this.#wake.abort();
    this.#watched = [...this.#watched, { unsaid, dueMs, later }];
    this.#watching ??= this.#work().catch((error: unknown) => {
      stopForThrown(error, this.#context.stop);
    });
  }

  /** The run has nothing else to do. */
  async end(): Promise<void> {
    this.#over.abort();
    await this.#asking;
    await this.#watching;
  }

  async #work(): Promise<void> {
    const { clock } = this.#context;
    const over = this.#over.signal;
    for (;;) {
      const next = soonest(this.#watched);
      if (next === undefined) break;
      this.#wake = new AbortController();
      const woken = this.#wake.signal;
      const leftMs = next.dueMs - clock.now();
      await untilAny([over, woken], (either) => clock.sleep(leftMs, either));
      if (over.aborted) return;
      if (woken.aborted) continue;
      this.#watched = this.#watched.filter((it) => it !== next);
      if ((await this.#ask(next.unsaid)) !== 'told') this.#watch(next.unsaid, next.later);
    }
    this.#watching = undefined;
  }

  async #ask(unsaid: Unsaid): Promise<Asked> {
    const { agent: name, agentRunId, told, firstEnd: _, ...entry } = unsaid;
    const { store, clock, agents } = this.#context;
    const agent = await agents.open(name);
    if (!agent.ok || agent.value.ephemeral) return 'unsaid';
    const run = await this.#getSoon(agent.value, unsaid);
    if (!run.ok) return OF_ONE_RUN.has(run.error.kind) ? 'unsaid' : 'no answer';
    if (!isTerminal(run.value) || run.value.costDollars === undefined) return 'unsaid';
    // A follow-up may have gone on under the id of the agent run before it.
    const bookedBefore = this.#booked.before(agentRunId) ?? 0;
    const reported = reportedCost(run.value, { bookedBefore });
    if (reported === null) return 'unsaid';
    this.#booked.add(agentRunId, reported);
    await store.note({ type: 'cost-told', at: isoTime(clock.now()), reported, ...entry });
    told?.(reported);
    const { step, reserved } = entry;
    const booked = { step, task: '', agentRunId, cost: reported, reserved };
    await tellOverCeiling(booked, this.#context);
    return 'told';
  }

  #tellChange({ step, agentRunId, firstEnd }: Unsaid, again: AgentRun): void {
    if (firstEnd === undefined || this.#changed.has(agentRunId)) return;
    const message = changedText(firstEnd, again);
    if (message === undefined) return;
    this.#changed.add(agentRunId);
    this.#context.emit({ type: 'warning', step, task: '', message });
  }

  /** The agent run, or why it cannot be had within a few seconds: nobody waits longer for a price. */
  async #getSoon(agent: AgentBackend, unsaid: Unsaid): Promise<Result<AgentRun, AgentProblem>> {
    const { clock, signal } = this.#context;
    const late = new AbortController();
    const came = new AbortController();
    void clock.sleep(WAIT_MS, came.signal).then(() => {
      late.abort();
    });
    const signals = [signal, this.#over.signal, late.signal];
    const run = await untilAny(signals, (either) => this.#get(agent, unsaid, either));
    came.abort();
    return run;
  }

  async #get(
    agent: AgentBackend,
    unsaid: Unsaid,
    either: AbortSignal,
  ): Promise<Result<AgentRun, AgentProblem>> {
    const { agentRunId: id, endedAt } = unsaid;
    const run = await agent.get(id, either);
    if (run.ok) this.#tellChange(unsaid, run.value);
    const isTooLarge = !run.ok && run.error.kind === 'output-too-large';
    const listed = isTooLarge
      ? await listedRun(id, Date.parse(endedAt) - DAY_MS, agent, either)
      : undefined;
    return listed === undefined ? run : ok(listed);
  }
}

/** Problems of one agent run, which say nothing about the others. */
const OF_ONE_RUN: ReadonlySet<AgentProblem['kind']> = new Set(['not-found', 'output-too-large']);

const soonest = (watched: readonly Watched[]): Watched | undefined =>
  watched.reduce<Watched | undefined>(
    (first, it) => (first === undefined || it.dueMs < first.dueMs ? it : first),
    undefined,
  );

/** Looked up before the ledger is read, which may be long. */
async function anyUnknown(store: Store, nowMs: number): Promise<boolean> {
  const months = await Promise.all(
    [nowMs, nowMs - ASKED_FOR_MS].map((ms) => store.spending(isoTime(ms))),
  );
  return months.some(({ month }) => month.unknown > 0);
}

async function unsaidCosts(
  store: Store,
  pipeline: string,
  nowMs: number,
): Promise<readonly Unsaid[]> {
  const open = new Map<string, AttemptIntended>();
  const unsaid = new Map<string, Unsaid>();
  for await (const entries of store.ledger()) {
    for (const entry of entries) {
      const { attempt } = entry;
      if (entry.type === 'attempt-intended') {
        if (entry.pipeline === pipeline) open.set(attempt, entry);
      } else if (entry.type === 'cost-told') {
        unsaid.delete(attempt);
      } else if (entry.type === 'attempt-ended') {
        const intended = open.get(attempt);
        open.delete(attempt);
        const isRecent = nowMs - Date.parse(entry.at) < ASKED_FOR_MS;
        if (intended === undefined || entry.reported !== null || !isRecent) continue;
        const one = unsaidOf(entry, intended);
        if (one !== undefined) unsaid.set(attempt, one);
      }
    }
  }
  // The newest first: what was asked for many times is the least likely to be told now.
  return [...unsaid.values()].reverse();
}

/** What is asked about an attempt that ended; undefined where there was no agent run. */
export function unsaidOf(
  { agentRunId, attempt, at: endedAt, status, failure, digest }: AttemptEnded,
  of: Pick<AttemptIntended, 'agent' | 'pipeline' | 'step' | 'reserved'> & { readonly run: RunId },
): Unsaid | undefined {
  if (agentRunId === null) return undefined;
  const { agent, run, pipeline, step, reserved } = of;
  const firstEnd = endWasUnseen({ failure }) ? undefined : { status, digest };
  return { agent, agentRunId, attempt, run, pipeline, step, endedAt, reserved, firstEnd };
}
