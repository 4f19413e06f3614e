import { canonicalJson, isJsonObject, type Json } from '../base/json.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { isTerminal, type AgentRequest, type AgentRun } from './agent.ts';
import { parseRun } from './exa-run.ts';

/**
 * A cassette is a text file, one JSON object a line: a header, then one interaction a line, in the
 * order in which the runs ended. Another header begins another recording in the same file, so
 * cassettes can be appended to and put one behind the other. `schemas/cassette.schema.json`
 * describes a line.
 */
const FORMAT_VERSION = 1;

/** One request and the finished run that answered it. */
export interface Interaction {
  /** Without metadata: attempt ids and the like never repeat. */
  readonly request: AgentRequest;
  /** Its `request` is null: it stands beside it. */
  readonly run: AgentRun;
  readonly place: {
    readonly cassette: string;
    /** Counted from 1. */
    readonly line: number;
  };
}

/** A file that is no cassette, or is damaged. */
export interface CassetteProblem {
  readonly cassette: string;
  /** Counted from 1. */
  readonly line: number;
  /** A sentence for a person. */
  readonly message: string;
}

/** The line that begins a recording, without its line break. */
export const cassetteHeader = (recordedAt: string, agent: string): string =>
  JSON.stringify({ cassette: FORMAT_VERSION, recordedAt, agent });

/** The line of one interaction, without its line break. Keys of the request are in order. */
export function cassetteLine(request: AgentRequest, run: AgentRun): string {
  const { metadata: _, ...asked } = request;
  const { request: __, ...answered } = run;
  const canonical = canonicalJson(asked as unknown as Json);
  return `{"request":${canonical},"run":${JSON.stringify(answered)}}`;
}

/**
 * Reads a cassette. A last line without its line break that is no JSON was cut by a crash and is
 * left out; any other damage is a problem, or a replay would miss answers for no visible reason.
 */
export function parseCassette(
  cassette: string,
  text: string,
): Result<readonly Interaction[], CassetteProblem> {
  const interactions: Interaction[] = [];
  const lines = text.split('\n');
  let begun = false;
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const place = { cassette, line: index + 1 };
    const json = parseLine(line);
    if (json === undefined && index === lines.length - 1) break;
    if (isJsonObject(json) && 'cassette' in json) {
      if (json['cassette'] !== FORMAT_VERSION) return fail(otherVersion(place, json['cassette']));
      begun = true;
      continue;
    }
    if (!begun) return fail({ ...place, message: 'The file does not begin as a cassette does.' });
    const interaction = parseInteraction(json);
    if (!interaction.ok) return fail({ ...place, message: interaction.error });
    interactions.push({ ...interaction.value, place });
  }
  return ok(interactions);
}

function parseLine(line: string): Json | undefined {
  try {
    return JSON.parse(line) as Json;
  } catch {
    return undefined;
  }
}

function parseInteraction(json: Json | undefined): Result<Omit<Interaction, 'place'>, string> {
  if (json === undefined) return fail('The line is not JSON.');
  if (!isJsonObject(json)) return fail('The line is not an object.');
  const { request } = json;
  if (!isJsonObject(request) || typeof request['query'] !== 'string') {
    return fail('The line has no request with a query.');
  }
  const run = parseRun(json['run'] ?? null);
  if (!run.ok) return fail(`The line has no agent run: ${run.error}.`);
  if (!isTerminal(run.value)) return fail(`The agent run is not finished (${run.value.status}).`);
  return ok({
    request: request as unknown as AgentRequest,
    run: { ...run.value, request: null },
  });
}

const otherVersion = (place: Interaction['place'], version: Json | undefined): CassetteProblem => ({
  ...place,
  message: `The cassette has format ${JSON.stringify(version)}; this program reads format ${FORMAT_VERSION}.`,
});
