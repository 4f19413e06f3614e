import { readFileSync } from 'node:fs';

/** A part of the OpenAPI document. Which members it has depends on where it is. */
export interface OpenApiNode {
  readonly [key: string]: unknown;
}

/** Our own OpenAPI document, as it is served. */
export const openApiDocument: OpenApiNode = JSON.parse(
  readFileSync(new URL('../../../schemas/openapi.json', import.meta.url), 'utf8'),
) as OpenApiNode;

export const isNode = (value: unknown): value is OpenApiNode =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A member that is an object; an empty one where there is none. */
export function child(node: OpenApiNode, key: string): OpenApiNode {
  const value = node[key];
  return isNode(value) ? value : {};
}

/** What a local reference (`#/components/…`) names. */
export function resolvePointer(pointer: string): OpenApiNode | undefined {
  let node: unknown = openApiDocument;
  for (const segment of pointer.replace(/^#\/?/u, '').split('/')) {
    if (!isNode(node)) return undefined;
    node = node[segment.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return isNode(node) ? node : undefined;
}

/** The node itself, or the one that it refers to. */
export function resolved(node: OpenApiNode): OpenApiNode {
  const { $ref } = node;
  return typeof $ref === 'string' ? (resolvePointer($ref) ?? {}) : node;
}

export interface Operation {
  readonly path: string;
  readonly method: string;
  readonly operation: OpenApiNode;
}

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

/** Every operation of the document. */
export const operations: readonly Operation[] = Object.entries(
  child(openApiDocument, 'paths'),
).flatMap(([path, item]) =>
  Object.entries(isNode(item) ? item : {})
    .filter(([method]) => METHODS.includes(method))
    .map(([method, operation]) => ({
      path,
      method: method.toUpperCase(),
      operation: isNode(operation) ? operation : {},
    })),
);

/** One level of a path as a JSON Pointer writes it. */
export const pointerSegment = (name: string): string =>
  name.replaceAll('~', '~0').replaceAll('/', '~1');
