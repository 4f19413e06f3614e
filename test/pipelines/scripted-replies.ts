import type {
  AgentBackend,
  AgentCost,
  AgentProblem,
  AgentRequest,
  AgentRun,
  AgentRunPage,
  Grounding,
} from '../../src/agent/agent.ts';
import { isoTime, type Clock } from '../../src/base/clock.ts';
import { digestOf } from '../../src/base/fingerprint.ts';
import { canonicalJson, isJsonObject, type Json, type JsonObject } from '../../src/base/json.ts';
import { fail, ok, type Result } from '../../src/base/result.ts';

/** What the agent is asked in one agent run of a scenario, and what it answers. */
export interface Reply {
  /** A part of the query. */
  readonly asked: string;
  /** A value of the input's records; without it any input will do. */
  readonly about?: string;
  readonly answer: Answer;
}

export interface Answer {
  readonly status?: 'completed' | 'failed';
  readonly stopReason?: string;
  readonly text?: string;
  readonly structured?: Json;
  readonly grounding?: readonly Grounding[];
  readonly error?: AgentRun['error'];
  /** Of a metered agent run; a fixed effort has its price. */
  readonly dollars?: number;
}

/** What fixed efforts cost, as the hosted agent bills them. */
const PRICES: Readonly<Record<string, number>> = { minimal: 0.012, low: 0.025, medium: 0.1 };
const EMAIL_DOLLARS = 0.02;
const PHONE_DOLLARS = 0.07;

/** The text in a column. */
export const textIn = (record: JsonObject, column: string): string => {
  const value = record[column];
  return typeof value === 'string' ? value : '';
};

/** A list of records, every value with the page that says so. */
export function listOf(
  property: string,
  records: readonly JsonObject[],
  page: (record: JsonObject) => string,
): Pick<Answer, 'structured' | 'grounding' | 'text'> {
  return {
    text: `Found ${records.length} ${property}.`,
    structured: { [property]: records },
    grounding: records.flatMap((record, at) =>
      groundingOf(record, `structured.${property}[${at}]`, page(record), at),
    ),
  };
}

/** One record that is the whole answer. */
export const recordOf = (
  record: JsonObject,
  page: string,
): Pick<Answer, 'structured' | 'grounding' | 'text'> => ({
  text: 'Done.',
  structured: record,
  grounding: groundingOf(record, 'structured', page, 0),
});

const groundingOf = (record: JsonObject, at: string, url: string, nth: number): Grounding[] =>
  Object.entries(record).flatMap(([field, value], i) =>
    value === null
      ? []
      : [
          {
            field: `${at}.${field}`,
            citations: [{ url, title: `Page of ${new URL(url).hostname}` }],
            confidence: (nth + i) % 4 === 3 ? ('medium' as const) : ('high' as const),
          },
        ],
  );

type Outcome = Result<AgentRun, AgentProblem>;

/**
 * An agent that gives the replies of a scenario, each once and in order, under ids and times that
 * follow from the request and the clock alone.
 */
export class ReplyAgent implements AgentBackend {
  readonly name = 'exa';
  readonly identity = 'exa/scenario';
  readonly ephemeral = false;
  readonly priceBook = undefined;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #open: (Reply | undefined)[];
  readonly #runs = new Map<string, { readonly run: AgentRun; readonly at: number }>();

  constructor(replies: readonly Reply[], clock: Pick<Clock, 'now'>) {
    this.#open = [...replies];
    this.#clock = clock;
  }

  /** Replies that nobody asked for. */
  get unused(): readonly string[] {
    return this.#open.flatMap((reply) =>
      reply === undefined ? [] : [`${reply.asked} ${reply.about ?? ''}`],
    );
  }

  /** The place in the scenario of the reply that an agent run gave. */
  placeOf(id: string): number {
    return this.#runs.get(id)?.at ?? -1;
  }

  create(request: AgentRequest): Promise<Outcome> {
    const at = this.#open.findIndex((reply) => reply !== undefined && fits(reply, request));
    const reply = this.#open[at];
    if (reply === undefined) {
      const message = `No reply is written for: ${canonicalJson(request as unknown as Json)}`;
      return Promise.resolve(fail({ kind: 'rejected', message, mayHaveCreated: false }));
    }
    this.#open[at] = undefined;
    const run = runOf(request, reply.answer, at, this.#clock.now());
    this.#runs.set(run.id, { run, at });
    const queued = { ...run, status: 'queued', stopReason: null, completedAt: null };
    return Promise.resolve(ok(queued));
  }

  get(id: string): Promise<Outcome> {
    const known = this.#runs.get(id);
    const unknown: AgentProblem = { kind: 'not-found', message: id, mayHaveCreated: false };
    return Promise.resolve(known === undefined ? fail(unknown) : ok(known.run));
  }

  wait(id: string): Promise<Outcome> {
    return this.get(id);
  }

  cancel(id: string): Promise<Outcome> {
    return this.get(id);
  }

  list(): Promise<Result<AgentRunPage, AgentProblem>> {
    const runs = [...this.#runs.values()].map(({ run }) => run).reverse();
    return Promise.resolve(ok({ runs, nextCursor: undefined }));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const fits = ({ asked, about }: Reply, { query, input }: AgentRequest): boolean =>
  query.includes(asked) &&
  (about === undefined ||
    (input?.data ?? []).some((record) => Object.values(record).includes(about)));

function runOf(request: AgentRequest, answer: Answer, at: number, nowMs: number): AgentRun {
  const { metadata: _, ...asked } = request;
  const digest = digestOf(`${at} ${canonicalJson(asked as unknown as Json)}`);
  const seconds = 5 + (Number.parseInt(digest.slice(0, 4), 16) % 90);
  const { status = 'completed', structured = null, text = '', grounding = [] } = answer;
  const found = { emails: countOf(structured, 'email'), phones: countOf(structured, 'phone') };
  const cost = costOf(request, answer, found);
  return {
    id: `agent_run_01${digest.slice(0, 24)}`,
    status,
    stopReason: answer.stopReason ?? (status === 'failed' ? 'error' : 'schema_satisfied'),
    createdAt: isoTime(nowMs),
    completedAt: isoTime(nowMs + seconds * 1_000),
    request: null,
    output: { text, structured, grounding },
    usage: {
      agentComputeUnits: Math.round(cost.agentCompute * 800) / 100,
      searches: 2 + (seconds % 5),
      emails: found.emails,
      phoneNumbers: found.phones,
    },
    costDollars: cost,
    ...(answer.error === undefined ? {} : { error: answer.error }),
  };
}

function costOf(
  { effort = 'auto' }: AgentRequest,
  { dollars }: Answer,
  found: { readonly emails: number; readonly phones: number },
): AgentCost {
  const agentCompute = dollars ?? PRICES[effort];
  if (agentCompute === undefined) throw new Error(`A reply at effort ${effort} must say its cost`);
  const emails = found.emails * EMAIL_DOLLARS;
  const phoneNumbers = found.phones * PHONE_DOLLARS;
  const total = Math.round((agentCompute + emails + phoneNumbers) * 1e6) / 1e6;
  return { total, agentCompute, search: 0, emails, phoneNumbers };
}

/** How many values of a name there are, at any depth. */
function countOf(value: Json | undefined, name: string): number {
  if (Array.isArray(value)) {
    return (value as readonly Json[]).reduce<number>((sum, item) => sum + countOf(item, name), 0);
  }
  if (!isJsonObject(value)) return 0;
  return Object.entries(value).reduce(
    (sum, [key, member]) =>
      sum + (key === name && typeof member === 'string' ? 1 : countOf(member, name)),
    0,
  );
}
