/** A part of an OpenAPI document. Nothing is taken for granted: what is not there reads as empty. */
export interface DocsNode {
  readonly [key: string]: unknown;
}

const isNode = (value: unknown): value is DocsNode =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const asNode = (value: unknown): DocsNode => (isNode(value) ? value : {});

/** A member that is an object; an empty one where there is none. */
export const child = (node: DocsNode, key: string): DocsNode => asNode(node[key]);

/** The members of a member that is an object. */
export const members = (node: DocsNode, key: string): readonly (readonly [string, DocsNode])[] =>
  Object.entries(child(node, key)).map(([name, value]) => [name, asNode(value)]);

/** The items of a member that is a list. */
export function items(node: DocsNode, key: string): readonly unknown[] {
  const value = node[key];
  return Array.isArray(value) ? value : [];
}

/** A member that is text; empty where there is none. */
export function text(node: DocsNode, key: string): string {
  const value = node[key];
  return typeof value === 'string' ? value : '';
}

/** The last part of a node's local reference, or undefined. */
export const referenceName = ({ $ref }: DocsNode): string | undefined =>
  typeof $ref === 'string' ? $ref.split('/').at(-1) : undefined;

/** What a node's local reference names, or the node itself. */
export function resolve(document: DocsNode, node: DocsNode): DocsNode {
  const { $ref } = node;
  if (typeof $ref !== 'string') return node;
  return $ref
    .replace(/^#\//u, '')
    .split('/')
    .reduce((at, key) => child(at, key.replaceAll('~1', '/').replaceAll('~0', '~')), document);
}

/** The description of a node, or of what it refers to. */
export const describe = (document: DocsNode, node: DocsNode): string =>
  text(node, 'description') || text(resolve(document, node), 'description');
