import type { StartOptions } from './start-server.ts';

const UNKNOWN = 'agent_run_00000000000000000000000000';
export const ASK = { query: 'Find two firms.' } as const;

/** A request with something wrong, and how it is refused. */
export interface Wrong {
  readonly body?: unknown;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly options?: StartOptions;
  /** Status, type and code. */
  readonly is: readonly [number, string, string];
  readonly says: RegExp;
  /** Path of the first issue. */
  readonly at?: readonly (string | number)[];
}

export const INVALID = [400, 'INVALID_REQUEST', 'INVALID_REQUEST'] as const;
const SCHEMA = [400, 'INVALID_REQUEST', 'INVALID_OUTPUT_SCHEMA'] as const;
const NO_RUN = [404, 'NOT_FOUND', 'RUN_NOT_FOUND'] as const;
const NO_TEAM = [401, 'AUTHENTICATION_ERROR', 'TEAM_NOT_FOUND'] as const;
const FOREIGN = [403, 'INVALID_REQUEST', 'INVALID_REQUEST'] as const;
export const BETA: StartOptions = { contract: '2026-05-07' };
const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

/** Creates that are refused. */
export const BODIES: Readonly<Record<string, Wrong>> = {
  'no body': { body: '', is: INVALID, says: /an empty body/ },
  'no JSON': { body: '{"query":', is: INVALID, says: /a body that is not JSON/ },
  'a list': { body: [ASK], is: INVALID, says: /must be a JSON object/, at: [] },
  'JSON nested too deep': { body: `{"query":${deep(300)}}`, is: INVALID, says: /nested deeper/ },
  'a very deep body': { body: deep(200_000), is: INVALID, says: /nested deeper/ },
  'a body over the limit': {
    body: { query: 'x'.repeat(4 * 2 ** 20) },
    is: INVALID,
    says: /more than 4 MiB/,
  },
  'a form': {
    body: 'query=Find',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    is: INVALID,
    says: /must be application\/json/,
  },
  'plain text': {
    body: ASK,
    headers: { 'content-type': 'text/plain' },
    is: INVALID,
    says: /must be application\/json/,
  },
  'no query': { body: {}, is: INVALID, says: /query is missing/, at: ['query'] },
  'an empty query': { body: { query: '' }, is: INVALID, says: /not be empty/, at: ['query'] },
  'a query of blanks': { body: { query: ' \n' }, is: INVALID, says: /not be empty/, at: ['query'] },
  'a query that is a number': { body: { query: 7 }, is: INVALID, says: /string/, at: ['query'] },
  'a query that is null': { body: { query: null }, is: INVALID, says: /string/, at: ['query'] },
  'an unknown key': { body: { ...ASK, count: 3 }, is: INVALID, says: /key: count/, at: [] },
  'the SDK option stream': { body: { ...ASK, stream: true }, is: INVALID, says: /key: stream/ },
  'an unknown key that is a prototype': {
    body: '{"query":"Find.","__proto__":{"effort":"low"}}',
    is: INVALID,
    says: /key: __proto__/,
  },
  'a system prompt that is a list': {
    body: { ...ASK, systemPrompt: [] },
    is: INVALID,
    says: /systemPrompt must be a string/,
    at: ['systemPrompt'],
  },
  'an input that is a list': {
    body: { ...ASK, input: [] },
    is: INVALID,
    says: /object/,
    at: ['input'],
  },
  'data that is an object': {
    body: { ...ASK, input: { data: {} } },
    is: INVALID,
    says: /must be an array/,
    at: ['input', 'data'],
  },
  'a row that is a text': {
    body: { ...ASK, input: { data: [{}, 'Acme'] } },
    is: INVALID,
    says: /input\.data\[1\]/,
    at: ['input', 'data', 1],
  },
  'an exclusion that is null': {
    body: { ...ASK, input: { exclusion: [null] } },
    is: INVALID,
    says: /input\.exclusion\[0\]/,
    at: ['input', 'exclusion', 0],
  },
  'an unknown effort': {
    body: { ...ASK, effort: 'huge' },
    is: INVALID,
    says: /one of/,
    at: ['effort'],
  },
  'an effort of later days': {
    body: { ...ASK, effort: 'ultra' },
    options: BETA,
    is: INVALID,
    says: /one of low, medium, high, xhigh, auto$/,
    at: ['effort'],
  },
  'metadata that is a list': {
    body: { ...ASK, metadata: [] },
    is: INVALID,
    says: /metadata must be an object/,
    at: ['metadata'],
  },
  'metadata with a number': {
    body: { ...ASK, metadata: { n: 1 } },
    is: INVALID,
    says: /must be strings/,
    at: ['metadata', 'n'],
  },
  'too much metadata': {
    body: { ...ASK, metadata: Object.fromEntries(Array.from({ length: 65 }, (_, n) => [n, ''])) },
    is: INVALID,
    says: /more than 64 keys/,
    at: ['metadata'],
  },
  'a long metadata key': {
    body: { ...ASK, metadata: { ['k'.repeat(129)]: '' } },
    is: INVALID,
    says: /at most 128/,
  },
  'a long metadata value': {
    body: { ...ASK, metadata: { k: 'v'.repeat(4_097) } },
    is: INVALID,
    says: /at most 4096/,
  },
  'a budget for a fixed effort': {
    body: { ...ASK, effort: 'low', budget: { maxCostDollars: 2 } },
    is: INVALID,
    says: /fixed price/,
    at: ['budget'],
  },
  'a budget that is a number': {
    body: { ...ASK, budget: 2 },
    is: INVALID,
    says: /object/,
    at: ['budget'],
  },
  'a budget that is too small': {
    body: { ...ASK, budget: { maxCostDollars: 0.5 } },
    is: INVALID,
    says: /from 1 to 100/,
    at: ['budget', 'maxCostDollars'],
  },
  'a budget that is too large': {
    body: { ...ASK, effort: 'ultra', budget: { maxCostDollars: 101 } },
    is: INVALID,
    says: /from 1 to 100/,
    at: ['budget', 'maxCostDollars'],
  },
  'a budget that is a text': {
    body: { ...ASK, budget: { maxCostDollars: '5' } },
    is: INVALID,
    says: /must be a number/,
    at: ['budget', 'maxCostDollars'],
  },
  'a duration without ultra': {
    body: { ...ASK, effort: 'auto', budget: { maxDurationSeconds: 600 } },
    is: INVALID,
    says: /goes with effort max, ultra/,
    at: ['budget', 'maxDurationSeconds'],
  },
  'a duration that is too short': {
    body: { ...ASK, effort: 'ultra', budget: { maxDurationSeconds: 10 } },
    is: INVALID,
    says: /from 300 to 10800/,
    at: ['budget', 'maxDurationSeconds'],
  },
  'a negative budget in the beta': {
    body: { ...ASK, budget: { maxCostDollars: -1 } },
    options: BETA,
    is: INVALID,
    says: /at least 0/,
    at: ['budget', 'maxCostDollars'],
  },
  'six data sources': {
    body: { ...ASK, dataSources: Array.from({ length: 6 }, () => ({ provider: 'fiber' })) },
    is: INVALID,
    says: /at most 5/,
    at: ['dataSources'],
  },
  'a data source without a provider': {
    body: { ...ASK, dataSources: [{}] },
    is: INVALID,
    says: /with a provider/,
    at: ['dataSources', 0],
  },
  'an unknown data source': {
    body: { ...ASK, dataSources: [{ provider: 'oracle' }] },
    is: [400, 'INVALID_REQUEST', 'INVALID_DATA_SOURCE'],
    says: /one of fiber/,
    at: ['dataSources', 0, 'provider'],
  },
  'a schema that is a text': {
    body: { ...ASK, outputSchema: 'object' },
    is: INVALID,
    says: /outputSchema must be an object/,
    at: ['outputSchema'],
  },
  'a schema of an unknown dialect': {
    body: { ...ASK, outputSchema: { $schema: 'http://json-schema.org/draft-04/schema#' } },
    is: SCHEMA,
    says: /outputSchema/,
  },
  'a schema with an unknown type': {
    body: { ...ASK, outputSchema: { type: 'object', properties: { n: { type: 'text' } } } },
    is: SCHEMA,
    says: /outputSchema at \/properties\/n/,
    at: ['outputSchema', 'properties', 'n', 'type'],
  },
  'a schema that nothing can fit': {
    body: {
      ...ASK,
      outputSchema: {
        type: 'object',
        properties: { n: { type: 'number', minimum: 3, maximum: 2 } },
      },
    },
    is: SCHEMA,
    says: /outputSchema at \/properties\/n/,
  },
  'a schema with a reference to another file': {
    body: {
      ...ASK,
      outputSchema: { type: 'object', properties: { n: { $ref: 'https://x.example/n.json' } } },
    },
    is: SCHEMA,
    says: /outputSchema at \/properties\/n/,
  },
  'a previous run that is no id': {
    body: { ...ASK, previousRunId: '../x' },
    is: INVALID,
    says: /no agent run id/,
    at: ['previousRunId'],
  },
  'a previous run that does not exist': {
    body: { ...ASK, previousRunId: UNKNOWN },
    is: [400, 'INVALID_REQUEST', 'PREVIOUS_RUN_NOT_FOUND'],
    says: /to continue/,
  },
  'an idempotency key with blanks': {
    body: ASK,
    headers: { 'idempotency-key': 'a b' },
    is: INVALID,
    says: /Idempotency-Key/,
  },
};

/** Other requests that are refused. */
export const REQUESTS: Readonly<Record<string, Wrong>> = {
  'no key': { headers: { 'x-api-key': '' }, is: NO_TEAM, says: /not known/ },
  'a wrong key': { headers: { 'x-api-key': 'token-of-a-tess' }, is: NO_TEAM, says: /not known/ },
  'half a key': { headers: { 'x-api-key': 'token' }, is: NO_TEAM, says: /not known/ },
  'a wrong bearer': {
    headers: { 'x-api-key': 'no', authorization: 'Bearer nothing' },
    is: NO_TEAM,
    says: /not known/,
  },
  'a key of another scheme': {
    headers: { 'x-api-key': 'no', authorization: 'Basic token-of-a-test' },
    is: NO_TEAM,
    says: /not known/,
  },
  'the origin of another site': {
    headers: { origin: 'https://evil.example' },
    is: FOREIGN,
    says: /other sites/,
  },
  'an origin that is hidden': { headers: { origin: 'null' }, is: FOREIGN, says: /other sites/ },
  'a page across sites': {
    headers: { 'sec-fetch-site': 'cross-site' },
    is: FOREIGN,
    says: /other sites/,
  },
  'no beta header': {
    options: BETA,
    is: [400, 'INVALID_REQUEST', 'MISSING_BETA_HEADER'],
    says: /missing/,
  },
  'an empty beta header': {
    options: BETA,
    headers: { 'exa-beta': ' , ' },
    is: [400, 'INVALID_REQUEST', 'MISSING_BETA_HEADER'],
    says: /missing/,
  },
  'another beta header': {
    options: BETA,
    headers: { 'exa-beta': 'agent-2026-05-08' },
    is: [400, 'INVALID_REQUEST', 'INVALID_BETA_HEADER'],
    says: /must be agent-2026-05-07/,
  },
  'a limit of 0': { path: '/agent/runs?limit=0', is: INVALID, says: /from 1 to 100/ },
  'a limit of 101': { path: '/agent/runs?limit=101', is: INVALID, says: /from 1 to 100/ },
  'a limit that is no number': {
    path: '/agent/runs?limit=all',
    is: INVALID,
    says: /from 1 to 100/,
  },
  'a limit that is a fraction': {
    path: '/agent/runs?limit=2.5',
    is: INVALID,
    says: /from 1 to 100/,
  },
  'a cursor that is no id': { path: '/agent/runs?cursor=a%20b', is: INVALID, says: /nextCursor/ },
  'an event cursor that is no number': {
    path: `/agent/runs/${UNKNOWN}/events?cursor=x`,
    is: INVALID,
    says: /nextCursor/,
  },
  'an event limit of 0': {
    path: `/agent/runs/${UNKNOWN}/events?limit=0`,
    is: INVALID,
    says: /from 1 to 100/,
  },
  'an unknown run': { path: `/agent/runs/${UNKNOWN}`, is: NO_RUN, says: /There is no agent run/ },
  'events of an unknown run': {
    path: `/agent/runs/${UNKNOWN}/events`,
    is: NO_RUN,
    says: /no agent run/,
  },
  'a stream of an unknown run': {
    path: `/agent/runs/${UNKNOWN}/events`,
    headers: { accept: 'text/event-stream' },
    is: NO_RUN,
    says: /no agent run/,
  },
  'cancel of an unknown run': {
    method: 'POST',
    path: `/agent/runs/${UNKNOWN}/cancel`,
    is: NO_RUN,
    says: /no agent run/,
  },
  'stop of an unknown run': {
    method: 'POST',
    path: `/agent/runs/${UNKNOWN}/stop`,
    is: NO_RUN,
    says: /no agent run/,
  },
  'delete of an unknown run': {
    method: 'DELETE',
    path: `/agent/runs/${UNKNOWN}`,
    is: NO_RUN,
    says: /no agent run/,
  },
  'a path as an id': {
    path: '/agent/runs/..%2f..%2fetc%2fpasswd',
    is: INVALID,
    says: /no agent run id/,
  },
  'an id with a NUL': { path: '/agent/runs/a%00b', is: INVALID, says: /no agent run id/ },
  'an id that is too long': {
    path: `/agent/runs/${'a'.repeat(201)}`,
    is: INVALID,
    says: /no agent run id/,
  },
  'a path out of the API': {
    path: '/agent/runs/../../secrets',
    is: [404, 'NOT_FOUND', 'INVALID_REQUEST'],
    says: /no GET \/secrets here/,
  },
  'another method': {
    method: 'PUT',
    is: [404, 'NOT_FOUND', 'INVALID_REQUEST'],
    says: /no PUT \/agent\/runs here/,
  },
  'another path': {
    path: '/search',
    is: [404, 'NOT_FOUND', 'INVALID_REQUEST'],
    says: /\/search here/,
  },
};
