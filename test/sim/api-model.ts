import { isJsonObject, type Json, type JsonObject } from '../../src/base/json.ts';
import { answerTo } from './answers.ts';
import type { Chance } from './chance.ts';
import { endingOf, PRICE, type ScriptedEnd } from './endings.ts';
import { neighboursSwapped, pageOf, type ListOddity } from './list-page.ts';

/** One agent run as the simulated API has it. Times are the world's, in milliseconds. */
export interface ApiRun {
  readonly id: string;
  /** What it was asked, a key for each question in it; none for runs of other people. */
  readonly keys: readonly string[];
  /** The attempt that its metadata names. */
  readonly attempt: string | undefined;
  /** The life of the process that sent it; 0 for runs of other people. */
  readonly life: number;
  readonly request: string;
  /** How many runs it follows up. */
  readonly depth: number;
  readonly createdAt: number;
  /** From when on reads of the list, and of the run itself, show it. */
  readonly listedAt: number;
  readonly seenAt: number;
  readonly endsAt: number;
  readonly end: ScriptedEnd;
  readonly structured: Json;
  cancelledAt: number | undefined;
}

export interface ApiAnswer {
  readonly status: number;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** How a history's API behaves where it does nothing wrong. */
export interface ApiSettings {
  readonly seed: number;
  /** The server's clock is ahead by so much. */
  readonly skewMs: number;
  readonly listLagMs: number;
  readonly readLagMs: number;
  /** Entries on a page of the list, whatever is asked for. */
  readonly pageSize: number;
  /** Agent runs of other people in the same team, for each of ours. */
  readonly strangers: number;
  /** How long a run takes: spread over orders of magnitude. */
  readonly shortestMs: number;
  readonly longestMs: number;
  /** The share of runs that take much longer. */
  readonly long: number;
  /** What whoever looks at a run that goes on is asked to wait until the next look, if anything. */
  readonly askedToWaitS: number | undefined;
  /** How often a run ends otherwise than well. */
  readonly oddEnds: number;
  /** What the list does wrong while the storm lasts. */
  readonly list: ListOddity;
}

/** How long a run takes that takes long. */
const LONG_MS = [130_000, 600_000] as const;

const textOf = (value: Json | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;

/**
 * The Agent API as a state machine: no timers, the state of a run follows from the time of asking.
 * What it knows is the truth against which the product's store is held.
 */
export class ApiModel {
  /** Newest last, in the order of `createdAt`. */
  readonly runs: ApiRun[] = [];
  /** What decides how agent runs end: see {@link endingOf}. */
  readonly asked = new Set<string>();
  readonly #byId = new Map<string, ApiRun>();
  readonly #asked = new Map<string, number>();
  readonly #texts = new Map<string, string>();
  readonly #settings: ApiSettings;
  readonly #chance: Chance;
  readonly #now: () => number;
  #strangers = 0;
  /** False in the calm after the storm: the list is then as agreed. */
  stormy = true;

  constructor(settings: ApiSettings, chance: Chance, now: () => number) {
    this.#settings = settings;
    this.#chance = chance;
    this.#now = now;
  }

  /** The server's clock. */
  get date(): number {
    return this.#now() + this.#settings.skewMs;
  }

  run(id: string): ApiRun | undefined {
    return this.#byId.get(id);
  }

  isOver(run: ApiRun): boolean {
    return run.cancelledAt !== undefined || this.#now() >= run.endsAt;
  }

  /** What it costs, or will cost; an active run may still be cancelled. */
  bill(run: ApiRun): number {
    return run.cancelledAt === undefined ? run.end.dollars : 0;
  }

  /** What is known of its cost now: its own once it is over, else what it is bought for. */
  mayCost(run: ApiRun): number {
    return this.isOver(run) ? this.bill(run) : PRICE;
  }

  /** Whether it gives, or will give, an answer that was paid for. */
  answers(run: ApiRun): boolean {
    const ends = run.cancelledAt === undefined && Number.isFinite(run.endsAt);
    return ends && run.end.status === 'completed';
  }

  create(body: string, life: number): { readonly answer: ApiAnswer; readonly run?: ApiRun } {
    const request = JSON.parse(body) as JsonObject;
    const previous = textOf(request['previousRunId']);
    const before = previous === undefined ? undefined : this.#byId.get(previous);
    if (previous !== undefined && before === undefined) {
      return { answer: apiError(404, 'PREVIOUS_RUN_NOT_FOUND') };
    }
    if (before !== undefined && !(this.isOver(before) && this.answers(before))) {
      return { answer: apiError(409, 'PREVIOUS_RUN_NOT_COMPLETED') };
    }
    const run = this.#make(request, body, life, before?.depth ?? -1);
    this.#add(run);
    for (let left = this.#settings.strangers; left > 0; left--) this.#addStranger();
    return { answer: { status: 200, text: this.#show(run, 'queued') }, run };
  }

  get(id: string): ApiAnswer {
    const run = this.#byId.get(id);
    if (run === undefined || this.#now() < run.seenAt) return apiError(404, 'RUN_NOT_FOUND');
    // What was asked is told in the list; here it would only be read over.
    const answer = { status: 200, text: this.#present(run, true) };
    const { askedToWaitS } = this.#settings;
    if (askedToWaitS === undefined || this.isOver(run)) return answer;
    return { ...answer, headers: { 'retry-after': String(askedToWaitS) } };
  }

  cancel(id: string): ApiAnswer {
    const run = this.#byId.get(id);
    if (run === undefined) return apiError(404, 'RUN_NOT_FOUND');
    if (!this.isOver(run)) run.cancelledAt = this.#now();
    return { status: 200, text: this.#present(run) };
  }

  list(limit: number, cursor: string | null): ApiAnswer {
    const oddity = this.stormy ? this.#settings.list : 'as agreed';
    const all = oddity === 'unordered' ? neighboursSwapped(this.runs) : this.runs;
    const shown = all.filter((run) => this.#now() >= run.listedAt).reverse();
    const size = Math.min(limit, this.#settings.pageSize);
    const { page, hasMore, nextCursor } = pageOf(shown, size, cursor, oddity);
    const data = page.map((run) => this.#present(run, oddity === 'no requests'));
    const tail = JSON.stringify({ hasMore, nextCursor }).slice(1);
    return { status: 200, text: `{"object":"list","data":[${data.join(',')}],${tail}` };
  }

  #make(request: JsonObject, body: string, life: number, depthBefore: number): ApiRun {
    const { seed, listLagMs, readLagMs, shortestMs, longestMs, long, oddEnds } = this.#settings;
    const keys = questionKeys(request, textOf(request['previousRunId']) ?? '');
    const nth = this.#asked.get(keys[0] ?? '') ?? 0;
    for (const key of keys) this.#asked.set(key, nth + 1);
    const now = this.#now();
    const depth = depthBefore + 1;
    // Ids are not the same in every history, depths are.
    const [asked = ''] = questionKeys(request, String(depth));
    this.asked.add(asked);
    const end = endingOf(seed, asked, nth, oddEnds);
    const usual = this.#chance.magnitude(shortestMs, longestMs);
    // A few outlast the settle time.
    const takes = this.#chance.hit(long) ? this.#chance.between(...LONG_MS) : usual;

    const metadata = request['metadata'];
    return {
      id: `agent_run_${this.#byId.size + 1}`,
      keys,
      attempt: isJsonObject(metadata) ? textOf(metadata['fieldwork.a']) : undefined,
      life,
      request: body,
      depth,
      createdAt: now,
      listedAt: now + this.#chance.fraction() * listLagMs,
      seenAt: now + this.#chance.fraction() * readLagMs,
      endsAt: end.endless ? Infinity : now + takes,
      end,
      structured: end.status === 'completed' ? answerTo(request, depth) : null,
      cancelledAt: undefined,
    };
  }

  #addStranger(): void {
    const now = this.#now();
    this.#strangers++;
    this.#add({
      id: `agent_run_x${this.#strangers}`,
      keys: [],
      attempt: undefined,
      life: 0,
      request: '{"query":"Something else."}',
      depth: 0,
      createdAt: now,
      listedAt: now,
      seenAt: now,
      endsAt: now + 1_000,
      end: { status: 'completed', stopReason: 'schema_satisfied', dollars: 0.1, endless: false },
      structured: null,
      cancelledAt: undefined,
    });
  }

  #add(run: ApiRun): void {
    this.#byId.set(run.id, run);
    this.runs.push(run);
  }

  #present(run: ApiRun, withoutRequest = false): string {
    if (!this.isOver(run)) return this.#shown(run, 'running', withoutRequest);
    const status = run.cancelledAt === undefined ? run.end.status : 'cancelled';
    return this.#shown(run, status, withoutRequest);
  }

  /** A run in one status is looked at again and again. */
  #shown(run: ApiRun, status: string, withoutRequest: boolean): string {
    const key = `${run.id} ${status} ${withoutRequest}`;
    const text = this.#texts.get(key) ?? this.#show(run, status, withoutRequest);
    this.#texts.set(key, text);
    return text;
  }

  #show(run: ApiRun, status: string, withoutRequest = false): string {
    const { id, request, end, createdAt, cancelledAt, endsAt, structured } = run;
    const over = status !== 'queued' && status !== 'running';
    const { skewMs } = this.#settings;
    const head = `{"id":"${id}","object":"agent_run","status":"${status}","createdAt":"${new Date(createdAt + skewMs).toISOString()}","request":${withoutRequest ? 'null' : request}`;
    if (!over) return `${head},"stopReason":null,"completedAt":null}`;
    const completed = status === 'completed';
    const dollars = cancelledAt === undefined ? end.dollars : 0;
    const rest = {
      stopReason: cancelledAt === undefined ? end.stopReason : 'cancelled',
      completedAt: new Date((cancelledAt ?? endsAt) + skewMs).toISOString(),
      output: { text: '', structured: completed ? structured : null, grounding: [] },
      usage: { agentComputeUnits: 0, searches: 0, emails: 0, phoneNumbers: 0 },
      ...(end.hidesCost === true
        ? {}
        : {
            costDollars: {
              total: dollars,
              agentCompute: dollars,
              search: 0,
              emails: 0,
              phoneNumbers: 0,
            },
          }),
      ...(status === 'failed' && { error: { code: 'AGENT_ERROR', message: 'It failed.' } }),
    };
    return `${head},${JSON.stringify(rest).slice(1)}`;
  }
}

/**
 * One for each question in a request: what is asked, about which record, after which run, without
 * what. The order in which records stand in a request makes no other question of it.
 */
function questionKeys(request: JsonObject, after: string): readonly string[] {
  const input = isJsonObject(request['input']) ? request['input'] : {};
  const without = sortedRows(input['exclusion']).join();
  const query = textOf(request['query']) ?? '';
  const head = `${query}|${after}|${without}|`;
  const rows = sortedRows(input['data']);
  const asksAboutAll = rows.length === 0 || query.startsWith('Compare');
  const subjects = asksAboutAll ? [rows.join()] : rows;
  return subjects.map((subject) => head + subject);
}

const sortedRows = (rows: Json | undefined): readonly string[] =>
  Array.isArray(rows) ? (rows as readonly Json[]).map((row) => JSON.stringify(row)).sort() : [];

const apiError = (status: number, code: string): ApiAnswer => ({
  status,
  text: `{"error":{"type":"ERROR","code":"${code}","message":"This is ${code}."}}`,
});
