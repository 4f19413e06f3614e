import type { AgentRequest, AgentRun, EarlierRun } from '../agent/agent.ts';
import { isoTime, type Clock } from '../base/clock.ts';
import { fingerprintOf } from '../base/fingerprint.ts';
import { ulidAfter } from '../base/ids.ts';
import type { Json, JsonObject } from '../base/json.ts';
import type { Random } from '../base/random.ts';
import { fail, ok, type Result } from '../base/result.ts';
import {
  isActive,
  type AgentRunChange,
  type AgentRunEvent,
  type AgentRunStore,
  type IdempotencyMark,
  type StoredAgentRun,
} from '../store/agent-run-store.ts';
import { goingDown, invalid, runNotFound, type ApiError } from './api-error.ts';
import { carryOut, type Surroundings, type TimeLimits } from './carry-out.ts';
import type { Contract } from './contract.ts';
import type { Engine } from './engine.ts';
import { EventFeed, type OnEvents, type ReadEvents, type Subscription } from './event-feed.ts';
import { LiveRun } from './live-run.ts';
import { ended, noted, queued, started, type RunEnd } from './run-states.ts';
import { WorkQueue } from './work-queue.ts';

/** How long an idempotency key is remembered. */
const KEY_LIFE_MS = 24 * 3_600_000;
/** Work on a run that ended its server so often is not begun again. */
const MOST_STARTS = 3;
/** Events that are read at a time. */
const PORTION = 100;

export interface AgentRunsOptions {
  readonly store: AgentRunStore;
  readonly engine: Engine;
  readonly contract: Contract;
  readonly clock: Clock;
  readonly random: Random;
  /** Agent runs that are worked on at the same time; more are queued. */
  readonly workers: number;
  readonly limits: TimeLimits;
  /** The store or the engine failed in the background. */
  readonly onFault: (fault: 'store' | 'engine', error: unknown) => void;
}

/**
 * The life of agent runs from create to delete. What can be seen of a run is in the store before
 * anyone is told; what this object holds besides can be lost at any time.
 */
export class AgentRuns {
  readonly #options: AgentRunsOptions;
  readonly #store: AgentRunStore;
  readonly #feed = new EventFeed();
  readonly #queue: WorkQueue;
  /** Creates with the same idempotency key wait for each other. */
  readonly #turns = new Map<string, Promise<unknown>>();
  #lastId: string | undefined;
  #closing = false;

  private constructor(options: AgentRunsOptions, lastId: string | undefined) {
    this.#options = options;
    this.#store = options.store;
    this.#lastId = lastId;
    this.#queue = new WorkQueue(options.workers, (live) => this.#work(live));
  }

  /** Takes up the runs that an earlier process left unfinished. */
  static async open(options: AgentRunsOptions): Promise<AgentRuns> {
    const { store, clock } = options;
    await store.dropMarks(isoTime(clock.now() - KEY_LIFE_MS));
    const runs = new AgentRuns(options, await store.lastId());
    for (const { owner, run } of await store.active()) {
      runs.#queue.hold(owner);
      runs.#queue.add(new LiveRun(owner, run.id));
    }
    return runs;
  }

  /** Agent runs that wait and that are worked on, and readers of events. */
  get load(): { readonly queued: number; readonly running: number; readonly readers: number } {
    const { waiting, working } = this.#queue;
    return { queued: waiting, running: working, readers: this.#feed.readers };
  }

  get isClosing(): boolean {
    return this.#closing;
  }

  /**
   * Writes a new run down and queues it. With an idempotency key that came before with the same
   * request, that run is given back.
   */
  create(
    owner: string,
    request: AgentRequest,
    idempotencyKey?: string,
  ): Promise<Result<AgentRun, ApiError>> {
    if (idempotencyKey === undefined) return this.#create(owner, request);
    const turn = `${owner}\0${idempotencyKey}`;
    const before = this.#turns.get(turn) ?? Promise.resolve();
    const created = before
      .catch(() => undefined)
      .then(() => this.#createOnce(owner, request, idempotencyKey))
      .finally(() => {
        if (this.#turns.get(turn) === created) this.#turns.delete(turn);
      });
    this.#turns.set(turn, created);
    return created;
  }

  async get(owner: string, id: string): Promise<AgentRun | undefined> {
    return (await this.#store.get(owner, id))?.run;
  }

  /** Newest first; `before` is the id of the last run of the page before. */
  async list(
    owner: string,
    page: { readonly limit: number; readonly before?: string },
  ): Promise<{ readonly runs: readonly AgentRun[]; readonly hasMore: boolean }> {
    const found = await this.#store.list(owner, { ...page, limit: page.limit + 1 });
    const runs = found.slice(0, page.limit).map(({ run }) => run);
    return { runs, hasMore: found.length > page.limit };
  }

  /** Ascending, those after the number `after`; undefined when there is no such run. */
  events: (owner: string, id: string) => ReadEvents = (owner, id) => async (after, limit) => {
    const events = await this.#store.events(owner, id, { after, limit });
    if (events.length > 0) return events;
    return (await this.#store.get(owner, id)) === undefined ? undefined : events;
  };

  subscribe(owner: string, id: string, onEvents: OnEvents): Subscription {
    const read: ReadEvents = async (after, limit) => {
      const page = { after, limit };
      const events = await this.#store.events(owner, id, page);
      if (events.length > 0) return events;
      const stored = await this.#store.get(owner, id);
      if (stored !== undefined && isActive(stored)) return events;
      // It may have ended after its events were read.
      const rest = await this.#store.events(owner, id, page);
      return rest.length > 0 ? rest : undefined;
    };
    return this.#feed.subscribe(owner, id, read, onEvents);
  }

  /** Ends an active run; one that has ended comes back as it is. */
  async cancel(owner: string, id: string): Promise<Result<AgentRun, ApiError>> {
    const usage = this.#queue.get(id)?.usage;
    const end: RunEnd = { status: 'cancelled', usage: usage ?? NOTHING_USED };
    const stored = await this.#end(owner, id, end);
    if (stored === undefined) return fail(runNotFound(id));
    this.#queue.cancel(id);
    return ok(stored.run);
  }

  /** Asks an active run to finish with what it has. */
  async stop(owner: string, id: string): Promise<Result<AgentRun, ApiError>> {
    const { long } = this.#options.contract;
    const isLong = ({ run }: StoredAgentRun): boolean => long.includes(run.request?.effort ?? '');
    const stored = await this.#change(owner, id, (now) =>
      isActive(now) && isLong(now) ? { next: { ...now, stopAsked: true }, events: [] } : undefined,
    );
    if (stored === undefined) return fail(runNotFound(id));
    if (!isLong(stored)) return fail(invalid(cannotStop(long)));
    this.#queue.get(id)?.askToFinish('stopped');
    return ok(stored.run);
  }

  /** Forgets a run, cancelling it first where it is active. */
  async remove(owner: string, id: string): Promise<Result<void, ApiError>> {
    const cancelled = await this.cancel(owner, id);
    if (!cancelled.ok) return cancelled;
    // Who reads along gets the end from memory.
    if (this.#feed.hasReaders(owner, id)) {
      const events: AgentRunEvent[] = [];
      const read = this.events(owner, id);
      for (let more = await read(0, PORTION); more?.length;) {
        events.push(...more);
        more = await read(events.length, PORTION);
      }
      this.#feed.retire(owner, id, events);
    }
    return (await this.#store.remove(owner, id)) ? ok(undefined) : fail(runNotFound(id));
  }

  /**
   * Begins nothing new, gives the runs that are worked on some time to end, and leaves the others
   * to the next process. Again is harmless.
   */
  async close(graceMs: number): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    this.#queue.pause();
    const over = new AbortController();
    await Promise.race([this.#queue.idle(), this.#options.clock.sleep(graceMs, over.signal)]);
    over.abort();
    this.#queue.abandon();
    await this.#queue.idle();
    this.#feed.wakeAll();
  }

  async #createOnce(
    owner: string,
    request: AgentRequest,
    key: string,
  ): Promise<Result<AgentRun, ApiError>> {
    const digest = fingerprintOf(request as unknown as Json);
    const mark = await this.#store.mark(owner, key);
    const youngest = isoTime(this.#options.clock.now() - KEY_LIFE_MS);
    const known = mark === undefined || mark.madeAt < youngest ? undefined : mark;
    const before = known === undefined ? undefined : await this.get(owner, known.runId);
    if (known === undefined || before === undefined) {
      return await this.#create(owner, request, { key, digest });
    }
    if (known.digest === digest) return ok(before);
    return fail(invalid('This Idempotency-Key came before with another request.'));
  }

  async #create(
    owner: string,
    request: AgentRequest,
    keyed?: Pick<IdempotencyMark, 'key' | 'digest'>,
  ): Promise<Result<AgentRun, ApiError>> {
    const { clock, random } = this.#options;
    const refusal = await this.#refusal(owner, request);
    if (refusal !== undefined) return fail(refusal);
    // From here to the hold nothing may wait: creates that race are counted one after the other.
    if (this.#closing) return fail(goingDown);
    const limit = this.#options.contract.concurrency;
    if (this.#queue.countOf(owner) >= limit) return fail(tooMany(limit));
    this.#queue.hold(owner);
    const at = isoTime(clock.now());
    const id = `${ID_PREFIX}${ulidAfter(this.#lastId?.slice(ID_PREFIX.length), clock.now(), random)}`;
    this.#lastId = id;
    const change = queued(owner, id, request, at);
    try {
      const mark = keyed === undefined ? undefined : { ...keyed, runId: id, madeAt: at };
      await this.#store.add(change, mark);
    } catch (error) {
      this.#queue.release(owner);
      throw error;
    }
    this.#queue.add(new LiveRun(owner, id));
    return ok(change.next.run);
  }

  async #refusal(owner: string, { previousRunId }: AgentRequest): Promise<ApiError | undefined> {
    if (previousRunId === undefined) return undefined;
    const before = await this.get(owner, previousRunId);
    if (before === undefined) {
      const message = `There is no agent run ${previousRunId} to continue.`;
      return invalid(message, 'PREVIOUS_RUN_NOT_FOUND');
    }
    if (before.status === 'completed') return undefined;
    const message = `The agent run ${previousRunId} is ${before.status}, and only a completed one can be continued.`;
    return invalid(message, 'PREVIOUS_RUN_NOT_COMPLETED');
  }

  async #work(live: LiveRun): Promise<void> {
    const { owner, id } = live;
    try {
      const at = isoTime(this.#options.clock.now());
      const stored = await this.#change(owner, id, (now) => started(now, at));
      if (stored === undefined || !isActive(stored)) return;
      if (stored.stopAsked === true) live.askToFinish('stopped');
      const end =
        stored.starts > MOST_STARTS ? GIVEN_UP : await carryOut(live, stored, this.#around);
      if (end === undefined) return;
      await live.notes;
      await this.#end(owner, id, end);
    } catch (error) {
      this.#options.onFault('store', error);
    }
  }

  async #end(owner: string, id: string, end: RunEnd): Promise<StoredAgentRun | undefined> {
    const { clock, contract } = this.#options;
    const at = isoTime(clock.now());
    return await this.#change(owner, id, (now) => ended(now, end, at, contract));
  }

  async #change(
    owner: string,
    id: string,
    decide: (now: StoredAgentRun) => AgentRunChange | undefined,
  ): Promise<StoredAgentRun | undefined> {
    let made: AgentRunChange | undefined;
    const stored = await this.#store.change(owner, id, (now) => {
      made = decide(now);
      return made;
    });
    if (made !== undefined && made.events.length > 0) this.#feed.tell(owner, id, made.events);
    return stored;
  }

  get #around(): Surroundings {
    const { engine, contract, clock, limits, onFault } = this.#options;
    return {
      engine,
      contract,
      clock,
      limits,
      earlier: (stored) => this.#earlier(stored),
      note: (live, event, data) => {
        this.#note(live, event, data);
      },
      bug: (error) => {
        onFault('engine', error);
      },
    };
  }

  #note(live: LiveRun, event: string, data: JsonObject): void {
    const { owner, id } = live;
    const at = isoTime(this.#options.clock.now());
    const note = this.#change(owner, id, (now) => noted(now, event, data, at));
    live.notes = Promise.all([live.notes, note]);
    // Looked at when the run ends; until then it is no unhandled rejection.
    live.notes.catch(() => undefined);
  }

  /** The runs that a run continues, the first one first. */
  async #earlier({ owner, run }: StoredAgentRun): Promise<readonly EarlierRun[] | undefined> {
    const chain: EarlierRun[] = [];
    for (let id = run.request?.previousRunId; id !== undefined;) {
      const before = await this.#store.get(owner, id);
      if (before?.run.request == null) return undefined;
      const { request, createdAt } = before.run;
      chain.unshift({ id, request, startedMs: Date.parse(before.startedAt ?? createdAt) });
      id = request.previousRunId;
    }
    return chain;
  }
}

const cannotStop = (long: readonly string[]): string =>
  long.length === 0
    ? 'Runs cannot be stopped in this contract. They can be cancelled.'
    : `Only a run of effort ${long.join(' or ')} can be stopped. This one can be cancelled.`;

const ID_PREFIX = 'agent_run_';

const NOTHING_USED: RunEnd['usage'] = {
  agentComputeUnits: 0,
  searches: 0,
  emails: 0,
  phoneNumbers: 0,
};

const GIVEN_UP: RunEnd = {
  status: 'failed',
  error: {
    type: 'SERVER_ERROR',
    code: 'SERVER_ERROR',
    message: 'The server ended several times while it worked on this run.',
  },
  usage: NOTHING_USED,
};

const tooMany = (limit: number): ApiError => ({
  status: 429,
  type: 'RATE_LIMIT_ERROR',
  code: 'CONCURRENCY_LIMIT_REACHED',
  message: `This key has ${limit} active agent runs, which is the limit. Wait for one to end.`,
  headers: { 'retry-after': '1' },
});
