import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { readEventStream } from './event-stream.ts';
import {
  child,
  openApiDocument,
  operations,
  pointerSegment,
  resolvePointer,
  resolved,
  type OpenApiNode,
} from './openapi-document.ts';
import { mediaType, pathOf, type SeenResponse } from './seen-response.ts';

const ajv = new Ajv2020({
  strict: true,
  strictTypes: false,
  strictRequired: false,
  allErrors: true,
});
formats.default(ajv);
// The members of the document itself; a keyword that no one knows below them is still an error.
ajv.addVocabulary(Object.keys(openApiDocument));
ajv.addSchema(openApiDocument, 'openapi');

const ERROR = '#/components/schemas/AgentErrorResponse';
const FRAME = '#/components/schemas/AgentRunEventFrame';

/** What of a value does not fit the schema at a place of the document; one sentence each. */
export function schemaViolations(pointer: string, value: unknown): readonly string[] {
  const validate = schemaAt(pointer);
  if (validate(value) as boolean) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message }) => `${pointer}: ${instancePath || 'the whole'} ${message ?? ''}`,
  );
}

function schemaAt(pointer: string): ValidateFunction {
  const validate = ajv.getSchema(`openapi${encodeURI(pointer)}`);
  if (validate === undefined) throw new Error(`The document has no schema at ${pointer}.`);
  return validate;
}

/** What of a response is not as our OpenAPI document says; one sentence each. */
export function openApiViolations(response: SeenResponse): readonly string[] {
  const found = operationOf(response);
  if (found === undefined) return strayViolations(response);
  const pointer = `${found}/responses/${response.status}`;
  const named = resolvePointer(pointer);
  if (named === undefined) {
    return [`${found} has no response ${response.status}: ${response.body.slice(0, 200)}`];
  }
  const base = typeof named['$ref'] === 'string' ? named['$ref'] : pointer;
  const declared = resolved(named);
  return [...headerViolations(declared, response), ...contentViolations(base, declared, response)];
}

/** The place of the operation that a request meant. */
function operationOf(response: SeenResponse): string | undefined {
  const path = pathOf(response);
  // HEAD is GET without the body.
  const method = response.method === 'HEAD' ? 'GET' : response.method;
  const operation = operations.find(
    (candidate) => candidate.method === method && pattern(candidate.path).test(path),
  );
  if (operation === undefined) return undefined;
  return `#/paths/${pointerSegment(operation.path)}/${operation.method.toLowerCase()}`;
}

const pattern = (template: string): RegExp =>
  new RegExp(`^${template.replaceAll('.', '\\.').replace(/\{[^}]+\}/gu, '[^/]+')}$`, 'u');

/** Where there is no operation only errors are to be had, in the one form that errors have. */
function strayViolations(response: SeenResponse): readonly string[] {
  const { method, path, status, body } = response;
  if (status < 400) return [`${method} ${path} is not in the document but answers ${status}.`];
  return [
    ...requiredHeader(response, 'x-request-id', '#/components/headers/RequestId'),
    ...(method === 'HEAD' ? [] : jsonViolations(ERROR, body)),
  ];
}

function headerViolations(declared: OpenApiNode, response: SeenResponse): readonly string[] {
  return Object.entries(child(declared, 'headers')).flatMap(([name, header]) => {
    const { $ref } = header as OpenApiNode;
    return typeof $ref === 'string' ? requiredHeader(response, name, $ref) : [];
  });
}

function requiredHeader(response: SeenResponse, name: string, ref: string): readonly string[] {
  const value = response.headers[name.toLowerCase()];
  if (value === undefined) return [`The header ${name} is missing.`];
  return schemaViolations(`${ref}/schema`, value).map(
    (message) => `The header ${name}: ${message}`,
  );
}

function contentViolations(
  base: string,
  declared: OpenApiNode,
  response: SeenResponse,
): readonly string[] {
  const type = mediaType(response);
  if (!Object.hasOwn(child(declared, 'content'), type)) {
    return [`The media type ${JSON.stringify(type)} is not declared at ${base}.`];
  }
  if (response.method === 'HEAD') return [];
  const { body, complete } = response;
  const pointer = `${base}/content/${pointerSegment(type)}/schema`;
  if (type === 'application/json') return jsonViolations(pointer, body);
  if (type !== 'text/event-stream') return schemaViolations(pointer, body);
  const { frames, violations } = readEventStream(body, complete);
  return [...violations, ...frames.flatMap((frame) => schemaViolations(FRAME, frame))];
}

function jsonViolations(pointer: string, body: string): readonly string[] {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return [`The body is not JSON: ${JSON.stringify(body.slice(0, 200))}`];
  }
  return schemaViolations(pointer, value);
}
