import type { AgentRequest } from '../agent/agent.ts';
import { OutputSchema } from '../agent/output-schema.ts';
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { invalidBody, type ApiError, type Issue } from './api-error.ts';
import type { Contract } from './contract.ts';

/** The contract's pattern of an agent run's id. */
export const RUN_ID: RegExp = /^[A-Za-z0-9_.:-]{1,200}$/;

/** Known data sources. None is connected here; what asks for one is accepted and told so. */
export const DATA_SOURCES: readonly string[] = [
  'fiber',
  'financial_datasets',
  'similarweb',
  'baselayer',
  'affiliate',
  'particle',
  'jinko',
  'polymarket',
];

const MOST_DATA_SOURCES = 5;
const METADATA = { keys: 64, keyLength: 128, valueLength: 4_096 };
const COST = { least: 1, most: 100 };
const SECONDS = { least: 300, most: 10_800 };

/**
 * The body of a create, checked and brought into its canonical form: the keys that were given,
 * without those whose value is null and, below the top level, without unknown ones. Unknown keys
 * at the top are refused, because a misspelt field would change what the run costs or gives.
 */
export function parseCreateRequest(body: Json, contract: Contract): Result<AgentRequest, ApiError> {
  if (!isJsonObject(body)) {
    return fail(invalidBody([issue('invalid_type', [], 'The body must be a JSON object')]));
  }
  const reader = new BodyReader(body, contract);
  const request = reader.read();
  const [first, ...rest] = reader.issues;
  if (first !== undefined) return fail(invalidBody([first, ...rest], reader.code));
  return ok(request);
}

const issue = (code: Issue['code'], path: Issue['path'], message: string): Issue => ({
  code,
  path,
  message,
});

class BodyReader {
  readonly issues: Issue[] = [];
  /** A more telling code, where the only thing wrong is of one kind. */
  code: ApiError['code'] = 'INVALID_REQUEST';
  readonly #body: JsonObject;
  readonly #contract: Contract;

  constructor(body: JsonObject, contract: Contract) {
    this.#body = body;
    this.#contract = contract;
  }

  read(): AgentRequest {
    const request = compact({
      query: this.#query(),
      systemPrompt: this.#text('systemPrompt'),
      input: this.#input(),
      effort: this.#effort(),
      previousRunId: this.#previousRunId(),
      metadata: this.#metadata(),
      dataSources: this.#dataSources(),
      budget: this.#budget(),
    });
    this.#refuseUnknownKeys();
    // Last, and only for a body that is fine otherwise: the largest piece of work.
    const outputSchema = this.issues.length > 0 ? undefined : this.#outputSchema();
    return { ...request, ...(outputSchema !== undefined && { outputSchema }) } as AgentRequest;
  }

  /** Undefined for a key that is not there or null. */
  #get(key: keyof AgentRequest): Json | undefined {
    const value = this.#body[key];
    return value === null ? undefined : value;
  }

  #wrong(code: Issue['code'], path: Issue['path'], message: string): undefined {
    this.issues.push(issue(code, path, message));
    return undefined;
  }

  #refuseUnknownKeys(): void {
    const keys = Object.keys(this.#body).filter((key) => !KEYS.has(key));
    if (keys.length === 0) return;
    const names = keys.slice(0, 10).map((key) => key.slice(0, 100));
    const message = `Unrecognized ${keys.length === 1 ? 'key' : 'keys'}: ${names.join(', ')}`;
    this.issues.unshift({ code: 'unrecognized_keys', keys: names, path: [], message });
  }

  #query(): string | undefined {
    const query = this.#body['query'];
    if (query === undefined) {
      return this.#wrong('invalid_type', ['query'], 'query is missing: say what to find out');
    }
    if (typeof query !== 'string') {
      return this.#wrong('invalid_type', ['query'], 'query must be a string');
    }
    if (query.trim() === '') return this.#wrong('too_small', ['query'], 'query must not be empty');
    return query;
  }

  #text(key: 'systemPrompt'): string | undefined {
    const value = this.#get(key);
    if (value === undefined || typeof value === 'string') return value;
    return this.#wrong('invalid_type', [key], `${key} must be a string`);
  }

  #input(): AgentRequest['input'] {
    const input = this.#get('input');
    if (input === undefined) return undefined;
    if (!isJsonObject(input)) {
      return this.#wrong('invalid_type', ['input'], 'input must be an object');
    }
    return compact({
      data: this.#records('data', input['data']),
      exclusion: this.#records('exclusion', input['exclusion']),
    });
  }

  #records(key: string, value: Json | undefined): readonly JsonObject[] | undefined {
    if (value === undefined || value === null) return undefined;
    if (!Array.isArray(value)) {
      return this.#wrong('invalid_type', ['input', key], `input.${key} must be an array`);
    }
    const records = value as readonly Json[];
    const at = records.findIndex((record) => !isJsonObject(record));
    if (at === -1) return records as readonly JsonObject[];
    const path = ['input', key, at];
    return this.#wrong('invalid_type', path, `input.${key}[${at}] must be a JSON object`);
  }

  #effort(): string | undefined {
    const effort = this.#get('effort');
    if (effort === undefined) return undefined;
    const { efforts } = this.#contract;
    if (typeof effort === 'string' && efforts.includes(effort)) return effort;
    return this.#wrong('invalid_value', ['effort'], `effort must be one of ${efforts.join(', ')}`);
  }

  #previousRunId(): string | undefined {
    const id = this.#get('previousRunId');
    if (id === undefined) return undefined;
    if (typeof id === 'string' && RUN_ID.test(id)) return id;
    return this.#wrong('invalid_format', ['previousRunId'], 'previousRunId is no agent run id');
  }

  #metadata(): AgentRequest['metadata'] {
    const metadata = this.#get('metadata');
    if (metadata === undefined) return undefined;
    if (!isJsonObject(metadata)) {
      return this.#wrong('invalid_type', ['metadata'], 'metadata must be an object');
    }
    const entries = Object.entries(metadata);
    if (entries.length > METADATA.keys) {
      return this.#wrong('too_big', ['metadata'], `metadata has more than ${METADATA.keys} keys`);
    }
    for (const [key, value] of entries) {
      const path = ['metadata', key.slice(0, METADATA.keyLength)];
      if (typeof value !== 'string') {
        this.#wrong('invalid_type', path, 'metadata values must be strings');
      } else if (key.length > METADATA.keyLength) {
        this.#wrong('too_big', path, `metadata keys have at most ${METADATA.keyLength} characters`);
      } else if (value.length > METADATA.valueLength) {
        const message = `metadata values have at most ${METADATA.valueLength} characters`;
        this.#wrong('too_big', path, message);
      }
    }
    return metadata as Readonly<Record<string, string>>;
  }

  #dataSources(): AgentRequest['dataSources'] {
    const sources = this.#get('dataSources');
    if (sources === undefined) return undefined;
    if (!Array.isArray(sources)) {
      return this.#wrong('invalid_type', ['dataSources'], 'dataSources must be an array');
    }
    if (sources.length > MOST_DATA_SOURCES) {
      const message = `dataSources has at most ${MOST_DATA_SOURCES} entries`;
      return this.#wrong('too_big', ['dataSources'], message);
    }
    const found: { provider: string }[] = [];
    for (const [at, source] of (sources as readonly Json[]).entries()) {
      const provider = isJsonObject(source) ? source['provider'] : undefined;
      if (typeof provider !== 'string') {
        const message = `dataSources[${at}] must be an object with a provider`;
        this.#wrong('invalid_type', ['dataSources', at], message);
      } else if (!DATA_SOURCES.includes(provider)) {
        this.code = 'INVALID_DATA_SOURCE';
        const message = `provider must be one of ${DATA_SOURCES.join(', ')}`;
        this.#wrong('invalid_value', ['dataSources', at, 'provider'], message);
      } else found.push({ provider });
    }
    return found;
  }

  #budget(): AgentRequest['budget'] {
    const budget = this.#get('budget');
    if (budget === undefined) return undefined;
    if (!isJsonObject(budget)) {
      return this.#wrong('invalid_type', ['budget'], 'budget must be an object');
    }
    if (!this.#contract.takesBudget) return this.#ignoredBudget(budget);
    const effort = this.#get('effort') ?? this.#contract.prices.defaultEffort;
    if (!this.#contract.budgeted.includes(effort as string)) {
      const message = `budget goes with effort ${this.#contract.budgeted.join(', ')}; the other efforts have a fixed price`;
      return this.#wrong('invalid_value', ['budget'], message);
    }
    if (budget['maxDurationSeconds'] != null && !this.#contract.long.includes(effort as string)) {
      const message = `budget.maxDurationSeconds goes with effort ${this.#contract.long.join(', ')}`;
      return this.#wrong('invalid_value', ['budget', 'maxDurationSeconds'], message);
    }
    return compact({
      maxCostDollars: this.#number(budget, 'maxCostDollars', COST),
      maxDurationSeconds: this.#number(budget, 'maxDurationSeconds', SECONDS),
    });
  }

  /** The beta took a budget of at least nothing, kept it and did not look at it. */
  #ignoredBudget(budget: JsonObject): AgentRequest['budget'] {
    return compact({
      maxCostDollars: this.#number(budget, 'maxCostDollars', { least: 0, most: Infinity }),
    });
  }

  #number(
    budget: JsonObject,
    key: string,
    { least, most }: { readonly least: number; readonly most: number },
  ): number | undefined {
    const value = budget[key];
    if (value === undefined || value === null) return undefined;
    const path = ['budget', key];
    if (typeof value !== 'number') {
      return this.#wrong('invalid_type', path, `budget.${key} must be a number`);
    }
    if (value >= least && value <= most) return value;
    const range = most === Infinity ? `at least ${least}` : `from ${least} to ${most}`;
    return this.#wrong(
      value < least ? 'too_small' : 'too_big',
      path,
      `budget.${key} must be ${range}`,
    );
  }

  #outputSchema(): JsonObject | undefined {
    const schema = this.#get('outputSchema');
    if (schema === undefined) return undefined;
    if (!isJsonObject(schema)) {
      return this.#wrong('invalid_type', ['outputSchema'], 'outputSchema must be an object');
    }
    const compiled = OutputSchema.compile(schema);
    if (compiled.ok) return schema;
    this.code = 'INVALID_OUTPUT_SCHEMA';
    for (const { severity, pointer, message } of compiled.error) {
      if (severity !== 'error') continue;
      const place = pointer === '' ? 'outputSchema' : `outputSchema at ${pointer}`;
      this.#wrong('invalid_schema', schemaPath(pointer), `${place}: ${message}`);
    }
    return undefined;
  }
}

const KEYS: ReadonlySet<string> = new Set<keyof AgentRequest>([
  'query',
  'systemPrompt',
  'input',
  'outputSchema',
  'effort',
  'previousRunId',
  'metadata',
  'budget',
  'dataSources',
]);

/** Without members that are undefined. */
const compact = <T extends object>(
  members: T,
): { readonly [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    readonly [K in keyof T]?: Exclude<T[K], undefined>;
  };

/** A JSON pointer into the schema as a path into the body. */
const schemaPath = (pointer: string): readonly string[] => [
  'outputSchema',
  ...pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~')),
];
