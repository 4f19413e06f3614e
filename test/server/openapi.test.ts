import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, test } from 'vitest';
import type { ApiError } from '../../src/server/api-error.ts';
import { CONTRACTS, CURRENT_CONTRACT } from '../../src/server/contract.ts';
import { DATA_SOURCES } from '../../src/server/create-request.ts';
import { MAX_BODY_BYTES } from '../../src/server/read-body.ts';
import { readEventStream } from './contract/event-stream.ts';
import {
  child,
  isNode,
  openApiDocument,
  operations,
  pointerSegment,
  resolved,
  resolvePointer,
  type OpenApiNode,
} from './contract/openapi-document.ts';
import { schemaViolations } from './contract/openapi-schema.ts';

/** Every object below a node, with the pointer to it; values of examples are not looked into. */
function* nodes(node: unknown, pointer = '#'): Generator<[string, OpenApiNode]> {
  if (Array.isArray(node)) {
    for (const [i, item] of node.entries()) yield* nodes(item, `${pointer}/${i}`);
  } else if (isNode(node)) {
    yield [pointer, node];
    for (const [key, value] of Object.entries(node)) {
      if (
        !['value', 'example', 'enum'].includes(key) &&
        !(key === 'examples' && Array.isArray(value))
      ) {
        yield* nodes(value, `${pointer}/${pointerSegment(key)}`);
      }
    }
  }
}

const all = [...nodes(openApiDocument)];
const components = child(openApiDocument, 'components');

const referencesIn = (node: OpenApiNode): readonly string[] =>
  [...nodes(node)].flatMap(([, { $ref }]) => (typeof $ref === 'string' ? [$ref] : []));

test('the document is valid OpenAPI 3.1', async () => {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(
    structuredClone(openApiDocument) as Record<string, unknown>,
  );
  expect({ valid, errors, version: validator.version }).toEqual({
    valid: true,
    errors: undefined,
    version: '3.1',
  });
});

test('every reference stays in the document and names something', () => {
  const references = referencesIn(openApiDocument);
  expect(references.length).toBeGreaterThan(50);
  expect(references.filter((ref) => resolvePointer(ref) === undefined)).toEqual([]);
});

test('every component can be reached from an operation', () => {
  const reached = new Set<string>();
  const reach = (node: OpenApiNode): void => {
    for (const ref of referencesIn(node)) {
      if (reached.has(ref)) continue;
      reached.add(ref);
      reach(resolvePointer(ref) ?? {});
    }
  };
  reach(child(openApiDocument, 'paths'));
  const named = Object.keys(components)
    .filter((kind) => kind !== 'securitySchemes')
    .flatMap((kind) =>
      Object.keys(child(components, kind)).map((name) => `#/components/${kind}/${name}`),
    );
  expect(named.filter((pointer) => !reached.has(pointer))).toEqual([]);
});

test('a key is asked for by both schemes, but for the server itself', () => {
  expect(openApiDocument['security']).toEqual([{ apiKey: [] }, { bearer: [] }]);
  expect(Object.keys(child(components, 'securitySchemes'))).toEqual(['apiKey', 'bearer']);
  for (const { path, operation } of operations) {
    expect([path, operation['security']]).toEqual([
      path,
      path.startsWith('/agent/') ? undefined : [],
    ]);
  }
});

describe.each(operations.map((each) => [`${each.method} ${each.path}`, each] as const))(
  '%s',
  (_name, { path, operation }) => {
    test('has an id of its own, a summary, a description and a tag', () => {
      const tags = (openApiDocument['tags'] as readonly OpenApiNode[]).map(({ name }) => name);
      const ids = operations.map((each) => each.operation['operationId']);
      expect(ids.filter((id) => id === operation['operationId'])).toHaveLength(1);
      expect(operation['operationId']).toMatch(/^[a-z][A-Za-z]+$/u);
      expect(operation['summary']).toMatch(/^[A-Z].*[^.]$/u);
      expect(operation['description']).toMatch(/\.$/u);
      expect(tags).toEqual(expect.arrayContaining(operation['tags'] as unknown[]));
    });

    test('says what it answers: success with an example, and its errors', () => {
      const responses = child(operation, 'responses');
      const expected = path.startsWith('/agent/') ? ['200', '400', '401', '500'] : ['200', '500'];
      expect(Object.keys(responses)).toEqual(expect.arrayContaining(expected));
      if (path.includes('{id}')) expect(Object.keys(responses)).toContain('404');
      for (const [status, response] of Object.entries(responses)) {
        const { description, headers, content } = resolved(response as OpenApiNode);
        expect([status, description]).toEqual([status, expect.stringMatching(/\.$/u)]);
        expect([status, Object.keys(headers as OpenApiNode)]).toEqual([
          status,
          expect.arrayContaining(['x-request-id']),
        ]);
        expect([status, Object.keys(content as OpenApiNode)]).not.toEqual([status, []]);
      }
    });

    test('names the parameters of its path', () => {
      const item = child(child(openApiDocument, 'paths'), path);
      const named = [item, operation]
        .flatMap(({ parameters }) => (parameters ?? []) as readonly OpenApiNode[])
        .map(resolved)
        .filter((parameter) => parameter['in'] === 'path')
        .map(({ name }) => name);
      const inPath = [...path.matchAll(/\{(?<name>[^}]+)\}/gu)].map(
        ({ groups }) => groups?.['name'],
      );
      expect(named).toEqual(inPath);
    });
  },
);

const described = (node: OpenApiNode): unknown =>
  node['description'] ?? resolved(node)['description'];

test('everything that has a name is described in sentences', () => {
  const bare: string[] = [];
  const check = (pointer: string, node: unknown): void => {
    const text = isNode(node) ? described(node) : undefined;
    if (typeof text !== 'string' || !text.endsWith('.')) bare.push(pointer);
  };
  for (const [pointer, node] of all) {
    for (const [name, property] of Object.entries(child(node, 'properties'))) {
      // Conditions and what follows from them only narrow what is described elsewhere.
      if (/\/(?:if|then|else)(?:\/|$)/u.test(pointer)) continue;
      check(`${pointer}/properties/${name}`, property);
    }
  }
  for (const kind of ['schemas', 'parameters', 'headers', 'responses', 'securitySchemes']) {
    for (const [name, node] of Object.entries(child(components, kind))) {
      check(`#/components/${kind}/${name}`, node);
    }
  }
  expect(bare).toEqual([]);
});

/** Every example with the pointer to the schema that it belongs to. */
const examples: readonly (readonly [string, string, unknown])[] = all.flatMap(([pointer, node]) => {
  const { schema, example } = node;
  const found: [string, string, unknown][] = [];
  if (schema !== undefined) {
    const target = `${pointer}/schema`;
    if (example !== undefined) found.push([`${pointer}/example`, target, example]);
    for (const [name, named] of Object.entries(child(node, 'examples'))) {
      found.push([`${pointer}/examples/${name}`, target, resolved(named as OpenApiNode)['value']]);
    }
  } else if (Array.isArray(node['examples'])) {
    for (const [i, value] of node['examples'].entries()) {
      found.push([`${pointer}/examples/${i}`, pointer, value]);
    }
  }
  return found;
});

test.each(examples)('the example %s fits its schema', (_pointer, schema, value) => {
  expect(schemaViolations(schema, value)).toEqual([]);
  if (schema.includes('event-stream')) {
    const { frames, violations } = readEventStream(value as string);
    expect([violations, frames.length > 0]).toEqual([[], true]);
    const target = '#/components/schemas/AgentRunEventFrame';
    expect(frames.flatMap((frame) => schemaViolations(target, frame))).toEqual([]);
  }
});

test('every JSON response has an example', () => {
  expect(examples.length).toBeGreaterThan(40);
  const without = all
    .filter(
      ([pointer, { schema }]) => pointer.endsWith('content/application~1json') && isNode(schema),
    )
    .filter(([, { examples: named }]) => named === undefined)
    .map(([pointer]) => pointer);
  expect(without).toEqual(['#/paths/~1openapi.json/get/responses/200/content/application~1json']);
});

test('what the server writes is closed, but for what is the caller’s own', () => {
  const open = Object.entries(child(components, 'schemas'))
    .filter(([, schema]) => isNode(schema) && isNode(schema['properties']))
    .filter(([, schema]) => (schema as OpenApiNode)['additionalProperties'] !== false)
    .map(([name]) => name);
  expect(open.sort()).toEqual(['AgentInput', 'AgentRunError', 'Budget', 'DataSource']);
});

test('lists every type and code of an error that the server can give', () => {
  // The compiler sees to it that none is missing here.
  const types: Record<ApiError['type'], true> = {
    INVALID_REQUEST: true,
    AUTHENTICATION_ERROR: true,
    RATE_LIMIT_ERROR: true,
    NOT_FOUND: true,
    SERVER_ERROR: true,
  };
  const codes: Record<ApiError['code'], true> = {
    INVALID_REQUEST: true,
    INVALID_OUTPUT_SCHEMA: true,
    INVALID_DATA_SOURCE: true,
    PREVIOUS_RUN_NOT_FOUND: true,
    PREVIOUS_RUN_NOT_COMPLETED: true,
    MISSING_BETA_HEADER: true,
    INVALID_BETA_HEADER: true,
    TEAM_NOT_FOUND: true,
    RUN_NOT_FOUND: true,
    CONCURRENCY_LIMIT_REACHED: true,
    RATE_LIMIT_EXCEEDED: true,
    TIMEOUT: true,
    SERVER_ERROR: true,
  };
  const schemas = child(components, 'schemas');
  expect(child(schemas, 'ErrorType')['enum']).toEqual(Object.keys(types));
  expect(child(schemas, 'ErrorCode')['enum']).toEqual(Object.keys(codes));
});

test('says the limits and lists that the server has', () => {
  const schemas = child(components, 'schemas');
  const provider = child(child(child(schemas, 'DataSource'), 'properties'), 'provider');
  expect(provider['enum']).toEqual(DATA_SOURCES);
  const efforts = child(schemas, 'AgentEffort')['enum'] as readonly string[];
  expect([...efforts].sort()).toEqual([...CURRENT_CONTRACT.efforts].sort());
  const contract = child(child(child(schemas, 'Health'), 'properties'), 'contract');
  expect(contract['enum']).toEqual(CONTRACTS.map(({ id }) => id));
  const create = operations.find(({ operation }) => operation['operationId'] === 'createAgentRun');
  expect(child(create?.operation ?? {}, 'requestBody')['description']).toContain(
    `${MAX_BODY_BYTES / 2 ** 20} MiB`,
  );
});
