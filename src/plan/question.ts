import type { AgentRequest } from '../agent/agent.ts';
import { digestOf, fingerprintOf, type Fingerprint } from '../base/fingerprint.ts';
import { canonicalJson, type JsonObject } from '../base/json.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { toDollars } from '../base/money.ts';
import type { AgentStep, PlacedTemplate } from '../pipeline/pipeline.ts';
import type { RenderProblem, TemplateScope } from '../pipeline/template.ts';
import type { AnswerId } from '../store/store.ts';
import type { ExclusionList } from './exclusions.ts';

/**
 * Bump when the meaning of a request changes without its text changing. It makes every stored
 * answer unknown, so that all of it would be paid for again.
 */
const FINGERPRINT_VERSION = 1;

/** A record that a step is asked about. */
export interface InputRecord {
  readonly path: readonly number[];
  /** Its key, or `#n` where its table has none. */
  readonly label: string;
  readonly record: JsonObject;
}

/**
 * What a step asks about one record, or its one question when it has no input. A task carries one
 * question, or in a batch several; each is remembered by its own fingerprint, so that batches can
 * be cut anew without asking anything again.
 */
export interface Question {
  readonly path: readonly number[];
  readonly label: string;
  /** The records it is about; more than one only with `batch: all`. */
  readonly rows: readonly JsonObject[];
  readonly fingerprint: Fingerprint;
  /** An answer in the store that does not count any more: only a newer one does. */
  readonly outdated?: AnswerId;
}

/** All that the questions of one step share in one run. */
export interface QuestionScope {
  readonly params: JsonObject;
  /** `2026-11-22`. */
  readonly date: string;
  /** Identity of the agent that answers. */
  readonly agent: string;
  /** Tables named in templates as `steps.<name>`. */
  readonly tables: Readonly<Record<string, readonly JsonObject[]>>;
  readonly exclusions: ExclusionList;
  /** The agent takes a ceiling for one agent run at this step's effort. */
  readonly sendsBudget: boolean;
}

/** A template of the step that has no text for some records. */
export interface QuestionProblem extends RenderProblem {
  readonly template: PlacedTemplate;
}

/** The agent run that a question follows up. */
export interface Continued {
  readonly fingerprint: Fingerprint;
  readonly agentRunId: string;
  readonly answer: AnswerId;
}

/**
 * The parts of a request that all questions of a step share: digest them to fingerprint, compare
 * them with what a stored table was made with to say what changed.
 */
export function sharedRequest(
  step: AgentStep,
  scope: QuestionScope,
  continued: Continued | undefined,
): JsonObject {
  return {
    agent: scope.agent,
    continued: continued?.fingerprint ?? null,
    effort: step.effort ?? null,
    exclusions: scope.exclusions.digest ?? null,
    parameters: usedParameters(step, scope.params),
    query: step.query.text,
    schema: step.schema?.digest ?? null,
    system: step.system?.text ?? null,
  };
}

/** Values of the parameters that the step's templates name, as text; null when they name none. */
function usedParameters(step: AgentStep, params: JsonObject): string | null {
  const names = [...step.query.names, ...(step.system?.names ?? [])]
    .filter(({ path }) => path[0] === 'params')
    .map(({ path }) => path[1] ?? '');
  if (names.length === 0) return null;
  return canonicalJson(Object.fromEntries(names.map((name) => [name, params[name] ?? null])));
}

export class QuestionMaker {
  readonly #step: AgentStep;
  readonly #scope: QuestionScope;
  readonly #shared: string;

  constructor(step: AgentStep, scope: QuestionScope) {
    this.#step = step;
    this.#scope = scope;
    const { agent, effort, exclusions, schema } = sharedRequest(step, scope, undefined);
    this.#shared = fingerprintOf({
      agent,
      effort,
      exclusions,
      schema,
      version: FINGERPRINT_VERSION,
    });
  }

  /**
   * The question about `input`, or the step's one question when undefined.
   *
   * `iteration` counts the repeats of a step from 0; a repeat is another question, even where its
   * text is the same.
   */
  question(
    input: { path: readonly number[]; label: string; rows: readonly JsonObject[] },
    continued: Continued | undefined,
    iteration: number,
  ): Result<Question, QuestionProblem> {
    const texts = this.#render(input.rows);
    if (!texts.ok) return texts;
    const { path, label, rows } = input;
    return ok({
      path,
      label,
      rows,
      fingerprint: this.#fingerprint(texts.value, rows, continued, iteration),
    });
  }

  /** The body for one question or for a batch of them. */
  request(
    questions: readonly Question[],
    continued: Continued | undefined,
    metadata: Readonly<Record<string, string>>,
  ): Result<AgentRequest, QuestionProblem> {
    const step = this.#step;
    const rows = questions.flatMap((question) => question.rows);
    const texts = this.#render(rows);
    if (!texts.ok) return texts;
    const exclusion = this.#scope.exclusions.toSend();
    const input = {
      ...(rows.length > 0 ? { data: rows } : {}),
      ...(exclusion.length > 0 ? { exclusion } : {}),
    };
    return ok({
      query: texts.value.query,
      ...(texts.value.system === undefined ? {} : { systemPrompt: texts.value.system }),
      ...(rows.length > 0 || exclusion.length > 0 ? { input } : {}),
      ...(step.schema === undefined ? {} : { outputSchema: step.schema.json }),
      ...(step.effort === undefined ? {} : { effort: step.effort }),
      ...(continued === undefined ? {} : { previousRunId: continued.agentRunId }),
      ...(step.maxCost === undefined || !this.#scope.sendsBudget
        ? {}
        : { budget: { maxCostDollars: toDollars(step.maxCost) } }),
      metadata: { ...step.metadata, ...metadata },
    });
  }

  #render(
    rows: readonly JsonObject[],
  ): Result<{ query: string; system: string | undefined }, QuestionProblem> {
    const { query: queryOf, system: systemOf } = this.#step;
    const [row] = rows;
    const single = this.#step.input?.batch === 1 && row !== undefined;
    const scope: TemplateScope = {
      params: this.#scope.params,
      ...(single ? { row } : {}),
      rows,
      steps: this.#scope.tables,
      run: { date: this.#scope.date },
    };
    const query = queryOf.render(scope);
    if (!query.ok) return fail({ ...query.error, template: queryOf });
    const system = systemOf?.render(scope);
    if (systemOf !== undefined && system?.ok === false) {
      return fail({ ...system.error, template: systemOf });
    }
    return ok({ query: query.value, system: system?.ok === true ? system.value : undefined });
  }

  /** Written out by hand, members in order, because it is made once a record. */
  #fingerprint(
    texts: { query: string; system: string | undefined },
    rows: readonly JsonObject[],
    continued: Continued | undefined,
    iteration: number,
  ): Fingerprint {
    const system = texts.system === undefined ? 'null' : JSON.stringify(texts.system);
    const follows = continued === undefined ? 'null' : JSON.stringify(continued.fingerprint);
    return digestOf(
      `{"continues":${follows},"data":${canonicalJson(rows)},"iteration":${iteration},` +
        `"query":${JSON.stringify(texts.query)},"shared":"${this.#shared}","system":${system}}`,
    );
  }
}
