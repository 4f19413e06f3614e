import { digestOf, fingerprintOf, type Fingerprint } from '../base/fingerprint.ts';
import type { Json } from '../base/json.ts';
import { fail, ok, type Result } from '../base/result.ts';
import type {
  AgentBackend,
  AgentCost,
  AgentProblem,
  AgentRequest,
  AgentRun,
  AgentRunPage,
} from './agent.ts';
import { missMessage } from './cassette-diff.ts';
import { parseCassette, type CassetteProblem, type Interaction } from './cassette.ts';

export interface ReplayOptions {
  /** The name used in pipeline files and reports; `replay` when not given. */
  readonly name?: string;
  /** Whole texts, each with the name that messages give it. */
  readonly cassettes: readonly { readonly name: string; readonly text: string }[];
  /**
   * What a replayed run costs: `none`, because nothing is paid again, or what was paid when it was
   * `recorded`. `none` when not given.
   */
  readonly costs?: 'none' | 'recorded';
}

/**
 * An agent that gives recorded answers to recorded requests, and refuses all others: a run that
 * silently went on without an answer, or with another one's, would prove nothing.
 *
 * Requests are equal when all that can change an answer is: neither the order of keys nor metadata
 * nor the budget counts. A request that was recorded several times gets its answers in the order
 * of recording, and then the last one again.
 */
export function openReplayAgent(options: ReplayOptions): Result<AgentBackend, CassetteProblem> {
  const interactions: Interaction[] = [];
  for (const { name, text } of options.cassettes) {
    const cassette = parseCassette(name, text);
    if (!cassette.ok) return cassette;
    for (const interaction of cassette.value) interactions.push(interaction);
  }
  const digest = digestOf(options.cassettes.map(({ text }) => text).join('\n'));
  return ok(new ReplayAgent(interactions, digest, options));
}

type Outcome = Result<AgentRun, AgentProblem>;

const FREE: AgentCost = { total: 0, agentCompute: 0, search: 0, emails: 0, phoneNumbers: 0 };

class ReplayAgent implements AgentBackend {
  readonly name: string;
  readonly identity: string;
  /** Recorded ids stay valid: a later process can go on waiting for them. */
  readonly ephemeral = false;
  readonly priceBook = undefined;
  readonly #interactions: readonly Interaction[];
  readonly #costs: 'none' | 'recorded';
  readonly #byId: ReadonlyMap<string, Interaction>;
  readonly #takes = new Map<Fingerprint, { readonly all: Interaction[]; next: number }>();
  readonly #keys = new Map<Interaction, Fingerprint>();
  /** What was asked for in this process, oldest first. */
  readonly #asked = new Map<string, AgentRequest>();

  constructor(interactions: readonly Interaction[], digest: string, options: ReplayOptions) {
    this.name = options.name ?? 'replay';
    this.identity = `replay/${digest.slice(0, 16)}`;
    this.#interactions = interactions;
    this.#costs = options.costs ?? 'none';
    this.#byId = new Map(interactions.map((interaction) => [interaction.run.id, interaction]));
    for (const interaction of interactions) {
      const key = this.#keyOf(interaction);
      const takes = this.#takes.get(key);
      if (takes === undefined) this.#takes.set(key, { all: [interaction], next: 0 });
      else takes.all.push(interaction);
    }
  }

  create(request: AgentRequest, signal: AbortSignal): Promise<Outcome> {
    if (signal.aborted) return Promise.resolve(fail(cancelled()));
    const parent = this.#parentOf(request);
    const takes = this.#takes.get(keyOf(request, parent));
    const interaction = takes?.all[Math.min(takes.next++, takes.all.length - 1)];
    if (interaction === undefined) {
      const message = missMessage(
        request,
        this.#interactions,
        (other) => this.#parentOf(other.request) === parent,
      );
      return Promise.resolve(fail({ kind: 'no-recording', message, mayHaveCreated: false }));
    }
    const { id } = interaction.run;
    // Taken out first, so that a request made again counts as the newest.
    this.#asked.delete(id);
    this.#asked.set(id, request);
    return Promise.resolve(ok(pendingOf(interaction.run, request)));
  }

  get(id: string): Promise<Outcome> {
    const interaction = this.#byId.get(id);
    return Promise.resolve(
      interaction === undefined ? fail(unknown(id)) : ok(this.#play(interaction)),
    );
  }

  wait(id: string, signal: AbortSignal): Promise<Outcome> {
    return signal.aborted ? Promise.resolve(fail(cancelled())) : this.get(id);
  }

  /** A recorded run is finished, so there is nothing to cancel. */
  cancel(id: string): Promise<Outcome> {
    return this.get(id);
  }

  list(options: {
    readonly limit: number;
    readonly cursor?: string;
  }): Promise<Result<AgentRunPage, AgentProblem>> {
    const { limit, cursor } = options;
    const newest = [...this.#asked.keys()].reverse();
    const start = cursor === undefined ? 0 : newest.indexOf(cursor) + 1;
    const ids = newest.slice(start, start + limit);
    const runs = ids.flatMap((id) => this.#byId.get(id) ?? []).map((it) => this.#play(it));
    const nextCursor = start + limit < newest.length ? ids.at(-1) : undefined;
    return Promise.resolve(ok({ runs, nextCursor }));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #play({ request, run }: Interaction): AgentRun {
    const played = { ...run, request: this.#asked.get(run.id) ?? request };
    if (this.#costs === 'recorded') return played;
    // Whoever tries uncharged failures again must do as when it was recorded. Unknown may be charged.
    const charged = run.costDollars?.total !== 0;
    return { ...played, costDollars: FREE, ...(run.status === 'failed' && { charged }) };
  }

  #keyOf(interaction: Interaction): Fingerprint {
    const known = this.#keys.get(interaction);
    if (known !== undefined) return known;
    // For a recording that names itself as the run it continues, in a circle.
    this.#keys.set(interaction, digestOf(interaction.run.id));
    const key = keyOf(interaction.request, this.#parentOf(interaction.request));
    this.#keys.set(interaction, key);
    return key;
  }

  /**
   * What a request continues: the request of that run where it is recorded. Then a recording of
   * the same chain of requests fits whichever ids its runs have.
   */
  #parentOf({ previousRunId }: AgentRequest): string | undefined {
    if (previousRunId === undefined) return undefined;
    const parent = this.#byId.get(previousRunId);
    return parent === undefined ? previousRunId : this.#keyOf(parent);
  }
}

function keyOf(request: AgentRequest, parent: string | undefined): Fingerprint {
  const { query, systemPrompt, input, outputSchema, effort } = request;
  return fingerprintOf({ query, systemPrompt, input: input as Json, outputSchema, effort, parent });
}

const pendingOf = (run: AgentRun, request: AgentRequest): AgentRun => ({
  id: run.id,
  status: 'queued',
  stopReason: null,
  createdAt: run.createdAt,
  completedAt: null,
  request,
  output: { text: '', structured: null, grounding: [] },
  usage: { agentComputeUnits: 0, searches: 0, emails: 0, phoneNumbers: 0 },
});

const cancelled = (): AgentProblem => ({
  kind: 'cancelled',
  message: 'The request was given up.',
  mayHaveCreated: false,
});

const unknown = (id: string): AgentProblem => ({
  kind: 'not-found',
  message: `Agent run ${id} is on none of the cassettes.`,
  mayHaveCreated: false,
});
