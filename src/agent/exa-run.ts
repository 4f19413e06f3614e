import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { fail, ok, type Result } from '../base/result.ts';
import type {
  AgentCost,
  AgentOutput,
  AgentRequest,
  AgentRun,
  AgentRunPage,
  AgentUsage,
  Citation,
  Grounding,
} from './agent.ts';

/** The contract's pattern of an agent run's id. It is put into paths, so nothing else may pass. */
const RUN_ID = /^[A-Za-z0-9_.:-]{1,200}$/;

export const isRunId = (id: unknown): id is string =>
  typeof id === 'string' && RUN_ID.test(id) && id !== '.' && id !== '..';

/**
 * An agent run from a server's JSON; the error says what is wrong with it.
 *
 * Only the id and the status are insisted on. Everything else is taken where it has its shape and
 * is empty where it has not, and what the contract does not know is left out: servers add fields,
 * and an answer that was paid for must not be lost over one of them.
 */
export function parseRun(json: Json): Result<AgentRun, string> {
  if (!isJsonObject(json)) return fail('it is not an object');
  const { id, status } = json;
  if (!isRunId(id)) return fail('it has no valid id');
  if (typeof status !== 'string') return fail('it has no status');
  const cost = parseCost(json['costDollars']);
  const error = parseError(json['error']);
  return ok({
    id,
    status,
    stopReason: textOr(json['stopReason'], null),
    createdAt: textOr(json['createdAt'], ''),
    completedAt: textOr(json['completedAt'], null),
    request: parseRequest(json['request']),
    output: parseOutput(json['output']),
    usage: parseUsage(json['usage']),
    ...(cost !== undefined && { costDollars: cost }),
    ...(error !== undefined && { error }),
  });
}

/**
 * A page of the list; `cursor` is the one it was asked for with. One unreadable run spoils the
 * page: whoever looks for a lost agent run must not take a list with holes for a whole one.
 */
export function parsePage(json: Json, cursor: string | undefined): Result<AgentRunPage, string> {
  if (!isJsonObject(json) || !Array.isArray(json['data'])) return fail('it is not a list');
  const runs: AgentRun[] = [];
  for (const entry of json['data'] as readonly Json[]) {
    const run = parseRun(entry);
    if (!run.ok) return fail(`in one of its runs, ${run.error}`);
    runs.push(run.value);
  }
  if (json['hasMore'] !== true) return ok({ runs, nextCursor: undefined });
  const next = json['nextCursor'];
  // Half a surrogate pair cannot be asked for.
  if (typeof next !== 'string' || next === '' || /\p{Surrogate}/u.test(next)) {
    return fail('it has more pages but no cursor');
  }
  if (next === cursor) return fail('its cursor does not move');
  return ok({ runs, nextCursor: next });
}

const textOr = <T>(value: Json | undefined, otherwise: T): string | T =>
  typeof value === 'string' ? value : otherwise;

function parseRequest(json: Json | undefined): AgentRequest | null {
  if (!isJsonObject(json) || typeof json['query'] !== 'string') return null;
  const { metadata } = json;
  if (metadata === undefined || isStrings(metadata)) return json as unknown as AgentRequest;
  const kept = isJsonObject(metadata)
    ? Object.entries(metadata).filter(([, value]) => typeof value === 'string')
    : [];
  return { ...(json as unknown as AgentRequest), metadata: Object.fromEntries(kept) as Strings };
}

type Strings = Readonly<Record<string, string>>;

const isStrings = (json: Json): boolean =>
  isJsonObject(json) && Object.values(json).every((value) => typeof value === 'string');

function parseOutput(json: Json | undefined): AgentOutput {
  if (!isJsonObject(json)) return { text: '', structured: null, grounding: [] };
  const grounding = json['grounding'];
  return {
    text: textOr(json['text'], ''),
    structured: json['structured'] ?? null,
    grounding: Array.isArray(grounding)
      ? (grounding as readonly Json[]).flatMap(parseGrounding)
      : [],
  };
}

const CONFIDENCES: ReadonlySet<unknown> = new Set(['low', 'medium', 'high']);

function parseGrounding(json: Json): readonly Grounding[] {
  if (!isJsonObject(json) || typeof json['field'] !== 'string') return [];
  const { field, citations, confidence } = json;
  return [
    {
      field,
      citations: Array.isArray(citations)
        ? (citations as readonly Json[]).flatMap(parseCitation)
        : [],
      ...(CONFIDENCES.has(confidence) && { confidence: confidence as 'low' | 'medium' | 'high' }),
    },
  ];
}

/** A source is kept as it was given, be it only an address or only a title. */
function parseCitation(json: Json): readonly Citation[] {
  if (typeof json === 'string') return [{ url: json }];
  if (!isJsonObject(json)) return [];
  const { url: given, title } = json;
  const url = textOr(given, '');
  if (typeof title === 'string') return [{ url, title }];
  return url === '' ? [] : [{ url }];
}

function parseUsage(json: Json | undefined): AgentUsage {
  const usage = isJsonObject(json) ? json : {};
  return {
    agentComputeUnits: amount(usage, 'agentComputeUnits') ?? 0,
    searches: amount(usage, 'searches') ?? 0,
    emails: amount(usage, 'emails') ?? 0,
    phoneNumbers: amount(usage, 'phoneNumbers') ?? 0,
  };
}

/**
 * Undefined without a usable total: the cost is then unknown, which is not the same as nothing.
 * What of the total no other part accounts for counts as agent compute.
 */
function parseCost(json: Json | undefined): AgentCost | undefined {
  if (!isJsonObject(json)) return undefined;
  const total = amount(json, 'total');
  if (total === undefined) return undefined;
  const search = amount(json, 'search') ?? 0;
  const emails = amount(json, 'emails') ?? 0;
  const phoneNumbers = amount(json, 'phoneNumbers') ?? 0;
  const rest = Math.max(0, total - search - emails - phoneNumbers);
  const agentCompute = amount(json, 'agentCompute') ?? rest;
  return { total, agentCompute, search, emails, phoneNumbers };
}

/** A number from 0 up; `1e999` in JSON is infinity here, and no amount. */
function amount(json: JsonObject, field: string): number | undefined {
  const value = json[field];
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

function parseError(json: Json | undefined): AgentRun['error'] {
  if (typeof json === 'string') return { message: json };
  if (!isJsonObject(json)) return undefined;
  const { type, code, message } = json;
  return {
    ...(typeof type === 'string' && { type }),
    ...(typeof code === 'string' && { code }),
    ...(typeof message === 'string' && { message }),
  };
}
