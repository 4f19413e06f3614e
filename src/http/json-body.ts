import { isJsonObject, type Json } from '../base/json.ts';
import { fail, ok, type Result } from '../base/result.ts';
import type { ApiError } from './problem.ts';

/** Deeper JSON is no answer of an agent, and would end the stack of whoever walks it. */
const MAX_DEPTH = 200;

/** The JSON of a body, or what is wrong with it as the end of a sentence. */
export function parseJsonBody(body: Buffer): Result<Json, string> {
  if (body.length === 0) return fail('an empty body');
  const text = body.toString('utf8');
  if (!isShallow(text)) return fail(`JSON nested deeper than ${MAX_DEPTH} levels`);
  try {
    return ok(JSON.parse(text) as Json);
  } catch {
    return fail(/^\s*</.test(text) ? 'HTML or XML in place of JSON' : 'a body that is not JSON');
  }
}

/** Looks at brackets outside strings, before the parser spends time on them. */
function isShallow(text: string): boolean {
  if (hasFewBrackets(text)) return true;
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (inString) {
      if (char === '\\') i++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '{' || char === '[') {
      if (++depth > MAX_DEPTH) return false;
    } else if (char === '}' || char === ']') depth--;
  }
  return true;
}

/** Most answers have fewer brackets than levels are allowed; to count them is much cheaper. */
function hasFewBrackets(text: string): boolean {
  let count = 0;
  for (const bracket of '{[') {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) {
      if (++count > MAX_DEPTH) return false;
    }
  }
  return true;
}

/**
 * The error in a body, whichever envelope it came in: `{"error":{type,code,message}}` of the Agent
 * API, or `{"error":"text","tag":"CODE"}` of the gateway in front of it.
 */
export function parseApiError(body: Json | undefined): ApiError {
  if (!isJsonObject(body)) return {};
  const inner = body['error'];
  if (isJsonObject(inner)) {
    const detail = textOf(inner['detail']);
    const message = textOf(inner['message']) ?? '';
    return compact(
      textOf(inner['type']),
      textOf(inner['code']),
      detail === undefined ? message : `${message} ${detail}`.trim(),
    );
  }
  return compact(undefined, textOf(body['tag']), textOf(inner) ?? textOf(body['message']));
}

const textOf = (value: Json | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

function compact(type?: string, code?: string, message?: string): ApiError {
  return {
    ...(type !== undefined && { type }),
    ...(code !== undefined && { code }),
    ...(message !== undefined && message !== '' && { message }),
  };
}
