import {
  isTerminal,
  type AgentBackend,
  type AgentProblem,
  type AgentRequest,
  type AgentRun,
} from '../../src/agent/agent.ts';
import { isoTime } from '../../src/base/clock.ts';
import type { Json, JsonObject } from '../../src/base/json.ts';
import { fail, ok, type Result } from '../../src/base/result.ts';
import { CURRENT_PRICE_BOOK } from '../../src/cost/price-book.ts';
import type { UntimedEvent } from '../../src/execution/events.ts';
import type { SourceReader } from '../../src/execution/ports.ts';
import type { RunReport } from '../../src/execution/run-pipeline.ts';
import type { LedgerEntry, OpenAttempt, Store } from '../../src/store/store.ts';
import { Disk, type CrashingStore, type OpenOptions } from '../rig/crashing-store.ts';
import { Rig, type RunWith } from '../rig/rig.ts';
import { VirtualClock } from '../rig/virtual-clock.ts';

type Outcome = Result<AgentRun, AgentProblem>;

const problem = (kind: AgentProblem['kind'], mayHaveCreated = false): AgentProblem => ({
  kind,
  message: `This is ${kind}.`,
  mayHaveCreated,
});

const forever = (): Promise<never> => new Promise<never>(() => undefined);

/** How one create goes. */
export type CreateFate =
  | 'answered'
  /** It arrives, and the connection breaks before the answer is there. */
  | 'answer lost'
  /** The connection breaks before it arrives. */
  | 'request lost'
  /** It arrives, and the process dies before the answer is there. */
  | 'dies after it'
  /** The process dies, and nothing of it arrives. */
  | 'dies before it'
  /** The process dies, and what it has sent arrives 30 seconds later. */
  | 'dies and arrives late'
  | AgentProblem['kind'];

interface RemoteRun {
  run: AgentRun;
  readonly worksFromMs: number;
  readonly endsMs: number;
  readonly end: Partial<AgentRun>;
}

/** The agent's server: it lives on when the process dies. Every agent run costs $0.025. */
export class Remote {
  readonly clock: VirtualClock;
  /** Of the creates to come, one after another; then all are answered. */
  readonly fates: CreateFate[] = [];
  account = 'account-1';
  /** How long an agent run takes. */
  durationMs = 10_000;
  /** How much of that it stands in a queue. */
  queuedMs = 0;
  answer: (request: AgentRequest) => Partial<AgentRun> = () =>
    completed({ found: [{ name: 'X' }] });
  /** The list as it comes, newest first; a test may spoil it. */
  listed: (runs: readonly AgentRun[]) => readonly AgentRun[] = (runs) => runs;
  listProblems: AgentProblem['kind'][] = [];
  cancels: 'end it' | 'are not heard' | 'kill the process' | 'get lost with the process' = 'end it';
  pageSize = 100;
  /** Added to its own clock. */
  aheadMs = 0;
  /** Agent runs whose answers are too large to read, by their ids. */
  readonly unread = new Set<string>();
  /** Kills the process that asks. */
  diesAt: 'list' | 'end of wait' | undefined;
  readonly counts = { create: 0, list: 0, get: 0, cancel: 0 };
  /** What was asked of it, in order. */
  readonly asked: ('create' | 'list' | 'get' | 'cancel')[] = [];
  readonly #runs = new Map<string, RemoteRun>();
  #nth = 0;

  constructor(clock: VirtualClock = new VirtualClock()) {
    this.clock = clock;
  }

  get runs(): readonly AgentRun[] {
    return [...this.#runs.values()].map((it) => this.#now(it));
  }

  delete(id: string): void {
    this.#runs.delete(id);
  }

  /** An agent run that came to be in another way. */
  add(request: AgentRequest, fields: Partial<AgentRun> = {}): AgentRun {
    const id = `run-${++this.#nth}`;
    const nowMs = this.clock.now() + this.aheadMs;
    const run: AgentRun = {
      id,
      status: 'running',
      stopReason: null,
      createdAt: isoTime(nowMs),
      completedAt: null,
      request,
      output: { text: '', structured: null, grounding: [] },
      usage: { agentComputeUnits: 0, searches: 0, emails: 0, phoneNumbers: 0 },
      ...fields,
    };
    this.#runs.set(id, {
      run,
      worksFromMs: this.clock.now() + this.queuedMs,
      endsMs: this.clock.now() + this.durationMs,
      end: this.answer(request),
    });
    return run;
  }

  /** The agent as a process sees it: a dead one neither sends nor hears. */
  seenBy(life: Pick<CrashingStore, 'isDead' | 'crash'>): AgentBackend {
    const alive = <T>(work: () => Promise<T>): Promise<T> =>
      life.isDead ? forever() : work().then((it) => (life.isDead ? forever() : it));
    return {
      name: 'exa',
      identity: 'exa',
      ephemeral: false,
      priceBook: undefined,
      account: this.account,
      create: (request) => alive(() => this.#create(request, life)),
      get: (id) => alive(() => this.#get(id)),
      wait: (id, signal, onActive) => alive(() => this.#wait(id, signal, life, onActive)),
      cancel: (id) => alive(() => this.#cancel(id, life)),
      list: (options) => alive(() => this.#list(options, life)),
      close: () => Promise.resolve(),
    };
  }

  async #create(request: AgentRequest, life: Pick<CrashingStore, 'crash'>): Promise<Outcome> {
    this.#count('create');
    const fate = this.fates.shift() ?? 'answered';
    if (fate === 'answered') return ok(this.add(request));
    if (fate === 'answer lost') this.add(request);
    if (fate === 'answer lost' || fate === 'request lost') {
      return fail(problem('unreachable', true));
    }
    if (fate === 'dies after it') this.add(request);
    if (fate === 'dies and arrives late') {
      void this.clock.sleep(30_000).then(() => this.add(request));
    }
    const dies = ['dies after it', 'dies before it', 'dies and arrives late'].includes(fate);
    return dies ? this.#die(life) : fail(problem(fate as AgentProblem['kind']));
  }

  #count(what: keyof Remote['counts']): void {
    this.counts[what]++;
    this.asked.push(what);
  }

  #die(life: Pick<CrashingStore, 'crash'>): Promise<never> {
    life.crash();
    return forever();
  }

  async #get(id: string): Promise<Outcome> {
    this.#count('get');
    const found = this.#runs.get(id);
    if (found === undefined) return fail(problem('not-found'));
    const run = this.#now(found);
    const isUnread = isTerminal(run) && this.unread.has(id);
    return isUnread ? fail(problem('output-too-large')) : ok(run);
  }

  async #wait(
    id: string,
    signal: AbortSignal,
    life: Pick<CrashingStore, 'crash'>,
    onActive: ((run: AgentRun) => void) | undefined,
  ): Promise<Outcome> {
    for (;;) {
      const looked = await this.#get(id);
      if (!looked.ok) return looked;
      if (isTerminal(looked.value)) {
        if (this.diesAt === 'end of wait') return this.#die(life);
        return looked;
      }
      onActive?.(looked.value);
      await this.clock.sleep(1_000, signal);
      if (signal.aborted) return fail(problem('cancelled'));
    }
  }

  async #cancel(id: string, life: Pick<CrashingStore, 'crash'>): Promise<Outcome> {
    this.#count('cancel');
    const found = this.#runs.get(id);
    if (found === undefined) return fail(problem('not-found'));
    if (this.cancels === 'get lost with the process') return this.#die(life);
    if (this.cancels !== 'are not heard' && !isTerminal(this.#now(found))) {
      const cost = { costDollars: dollars(0.01) };
      found.run = { ...found.run, status: 'cancelled', stopReason: 'cancelled', ...cost };
    }
    if (this.cancels === 'kill the process') return this.#die(life);
    return ok(this.#now(found));
  }

  async #list(
    { limit, cursor }: { readonly limit: number; readonly cursor?: string },
    life: Pick<CrashingStore, 'crash'>,
  ): ReturnType<AgentBackend['list']> {
    this.#count('list');
    if (this.diesAt === 'list') return this.#die(life);
    const spoiled = this.listProblems.shift();
    if (spoiled !== undefined) return fail(problem(spoiled));
    const all = this.listed([...this.runs].reverse());
    const size = Math.min(limit, this.pageSize);
    const start = cursor === undefined ? 0 : all.findIndex(({ id }) => id === cursor) + 1;
    const runs = all.slice(start, start + size);
    const nextCursor = start + size < all.length ? runs.at(-1)?.id : undefined;
    return ok({ runs, nextCursor, serverTimeMs: this.clock.now() + this.aheadMs });
  }

  #now(found: RemoteRun): AgentRun {
    const nowMs = this.clock.now();
    if (isTerminal(found.run)) return found.run;
    if (nowMs < found.worksFromMs) return { ...found.run, status: 'queued' };
    const over = nowMs >= found.endsMs;
    return over ? { ...found.run, completedAt: isoTime(found.endsMs), ...found.end } : found.run;
  }
}

export const dollars = (total: number): NonNullable<AgentRun['costDollars']> => ({
  total,
  agentCompute: total,
  search: 0,
  emails: 0,
  phoneNumbers: 0,
});

export const completed = (structured: Json, fields: Partial<AgentRun> = {}): Partial<AgentRun> => ({
  status: 'completed',
  stopReason: 'schema_satisfied',
  output: { text: '', structured, grounding: [] },
  costDollars: dollars(0.025),
  ...fields,
});

export const failedRun = (cost: number | undefined): Partial<AgentRun> => ({
  status: 'failed',
  stopReason: 'error',
  error: { message: 'it broke' },
  ...(cost !== undefined && { costDollars: dollars(cost) }),
});

/** How a process ended: with its report, or not at all. */
export type LifeEnd = RunReport | 'died';

interface LifeOptions extends OpenOptions, RunWith {
  readonly yaml?: string;
  readonly sources?: SourceReader;
  readonly onEvent?: (event: UntimedEvent) => void;
  /** Dies after so much time. */
  readonly diesAfterMs?: number;
}

export const STATE_ID = 'state-0123456789abcdef';

/** One pipeline over several processes, the same disk and the same remote agent. */
export class Story {
  readonly remote: Remote = new Remote();
  /** A test may put another one in. */
  disk: Disk = new Disk();
  rig: Rig | undefined;
  /** The first process finds no state folder at all. */
  isNew = false;
  readonly #yaml: string;
  #lives = 0;

  constructor(yaml: string) {
    this.#yaml = yaml;
  }

  get clock(): VirtualClock {
    return this.remote.clock;
  }

  async live(options: LifeOptions = {}): Promise<LifeEnd> {
    // As after a first run: a new state folder has the list looked through once.
    if (this.#lives === 0 && !this.isNew) await (await this.disk.open()).store.stateId(STATE_ID);
    const life = await this.disk.open(options);
    const rig = new Rig({
      agent: this.remote.seenBy(life),
      store: life.store,
      clock: this.clock,
      prices: CURRENT_PRICE_BOOK,
      seed: ++this.#lives,
      ...(options.sources !== undefined && { sources: options.sources }),
    });
    this.rig = rig;
    if (options.onEvent !== undefined) rig.onEvent = options.onEvent;
    // For pipelines that name one; `sources` says what is in it.
    await rig.write({ 'rows.csv': 'id\n' });
    const pipeline = await rig.pipeline(options.yaml ?? this.#yaml, options.params);
    if (options.diesAfterMs !== undefined) {
      void this.clock.sleep(options.diesAfterMs).then(() => life.crash());
    }
    const died = life.died.then(() => 'died' as const);
    return this.clock.drive(Promise.race([rig.runLoaded(pipeline, options), died]));
  }

  /** A run that goes through; throws where it dies. */
  async run(options: LifeOptions = {}): Promise<RunReport> {
    const end = await this.live(options);
    if (end === 'died') throw new Error('The process died');
    return end;
  }

  store(): Promise<Store> {
    return this.disk.look();
  }

  async open(): Promise<readonly OpenAttempt[]> {
    return (await this.store()).openAttempts();
  }

  async ledger(): Promise<readonly LedgerEntry[]> {
    const all: LedgerEntry[] = [];
    for await (const entries of (await this.store()).ledger()) all.push(...entries);
    return all;
  }

  /** Sums of what is booked, in microdollars; null where one is unknown. */
  async booked(): Promise<readonly (number | null)[]> {
    return (await this.ledger()).flatMap((it) =>
      it.type === 'attempt-ended' && it.agentRunId !== null ? [it.reported] : [],
    );
  }

  async table(step: string): Promise<readonly JsonObject[]> {
    const rig = new Rig({
      agent: this.remote.seenBy(await this.disk.open()),
      store: await this.store(),
    });
    return rig.table(step);
  }
}
