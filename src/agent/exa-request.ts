import type { JsonObject } from '../base/json.ts';
import type { AgentRequest } from './agent.ts';

/** Text of schemas that were sent before: a step sends the same one with every record. */
const schemaTexts = new WeakMap<JsonObject, string>();

/**
 * The body of `POST /agent/runs`.
 *
 * Only fields of the contract are sent, because the API refuses a request with a field that it
 * does not know. The schema is usually the largest part and always the same object, so its text is
 * made once and put in.
 */
export function requestBody(request: AgentRequest): string {
  const { query, systemPrompt, input, effort, previousRunId, metadata, budget } = request;
  const rest = JSON.stringify({
    query,
    systemPrompt,
    input,
    effort,
    previousRunId,
    metadata,
    budget,
  });
  if (request.outputSchema === undefined) return rest;
  return `${rest.slice(0, -1)},"outputSchema":${schemaText(request.outputSchema)}}`;
}

function schemaText(schema: JsonObject): string {
  const known = schemaTexts.get(schema);
  if (known !== undefined) return known;
  const text = JSON.stringify(schema);
  schemaTexts.set(schema, text);
  return text;
}
