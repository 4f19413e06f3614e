import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { followPointer, partsOf } from './schema-keywords.ts';
import type { SchemaProblem } from './schema-problem.ts';

export const SCHEMA_LIMITS = {
  bytes: 65_536,
  depth: 16,
  nodes: 1_000,
  /** Objects and lists in each other in the schema's text; some hold no schema. */
  jsonDepth: 64,
  /** Schemas once every reference is replaced by what it points at. */
  expanded: 3_000,
  expandedDepth: 64,
  /** Branches of all `anyOf` and `oneOf` together. */
  branches: 64,
} as const;

const error = (
  code: SchemaProblem['code'],
  pointer: string,
  message: string,
  hint: string,
): SchemaProblem => ({ code, pointer, message, hint, severity: 'error' });

/**
 * The first limit that a schema breaks, or the first circle of references. Runs before anything
 * that takes more than one look at each part, in time linear in the text.
 */
export function sizeProblem(root: JsonObject): SchemaProblem | undefined {
  const tooDeep = (message: string, pointer = ''): SchemaProblem =>
    error('E-S70', pointer, message, 'ask for fewer and flatter properties');
  if (jsonDepthOver(root, SCHEMA_LIMITS.jsonDepth)) {
    return tooDeep(`the schema is nested more than ${SCHEMA_LIMITS.jsonDepth} deep`);
  }
  const bytes = Buffer.byteLength(JSON.stringify(root));
  if (bytes > SCHEMA_LIMITS.bytes) {
    return tooDeep(`the schema has ${Math.ceil(bytes / 1024)} KB; at most 64 KB are allowed`);
  }
  let [nodes, branches] = [0, 0];
  const open = [{ schema: root as Json, pointer: '', depth: 1 }];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const { schema, pointer, depth } = node;
    if (++nodes > SCHEMA_LIMITS.nodes) {
      return tooDeep(`the schema has more than ${SCHEMA_LIMITS.nodes} parts`);
    }
    if (depth > SCHEMA_LIMITS.depth) {
      return tooDeep(`schemas are nested more than ${SCHEMA_LIMITS.depth} deep`, pointer);
    }
    if (!isJsonObject(schema)) continue;
    for (const part of partsOf(schema)) {
      if (part.keyword === 'anyOf' || part.keyword === 'oneOf') branches++;
      open.push({
        schema: part.schema,
        pointer: pointer + part.pointer,
        depth: depth + 1,
      });
    }
  }
  if (branches > SCHEMA_LIMITS.branches) {
    const message = `anyOf and oneOf have ${branches} branches together; at most ${SCHEMA_LIMITS.branches} are allowed`;
    return error('E-S87', '', message, 'ask for a text, and sort the cases out in SQL');
  }
  return new Expansion(root).problem();
}

function jsonDepthOver(root: Json, limit: number): boolean {
  const open: (readonly [Json, number])[] = [[root, 1]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [value, depth] = next;
    if (typeof value !== 'object' || value === null) continue;
    if (depth > limit) return true;
    for (const child of Object.values(value))
      if (child !== undefined) open.push([child, depth + 1]);
  }
  return false;
}

interface Extent {
  readonly nodes: number;
  readonly depth: number;
}

/** How large a schema gets with its references replaced; each part is looked at once. */
class Expansion {
  readonly #root: JsonObject;
  readonly #known = new Map<Json, Extent>();
  /** References on the way to where we are, with the place of each. */
  readonly #trail: { readonly schema: Json; readonly pointer: string }[] = [];
  #circle: SchemaProblem | undefined;

  constructor(root: JsonObject) {
    this.#root = root;
  }

  problem(): SchemaProblem | undefined {
    const { nodes, depth } = this.#extent(this.#root, '');
    if (this.#circle !== undefined) return this.#circle;
    if (nodes > SCHEMA_LIMITS.expanded || depth > SCHEMA_LIMITS.expandedDepth) {
      const message =
        nodes > SCHEMA_LIMITS.expanded
          ? `with its references replaced the schema has more than ${SCHEMA_LIMITS.expanded} parts`
          : `with its references replaced the schema is nested more than ${SCHEMA_LIMITS.expandedDepth} deep`;
      return error('E-S70', '', message, 'refer to fewer definitions');
    }
    return undefined;
  }

  #extent(schema: Json, pointer: string): Extent {
    if (!isJsonObject(schema)) return { nodes: 1, depth: 1 };
    const known = this.#known.get(schema);
    if (known !== undefined) return known;
    const from = this.#trail.findIndex((step) => step.schema === schema);
    if (from !== -1) {
      const way = [...this.#trail.slice(from).map((step) => step.pointer), pointer];
      const shown = way.map((step) => (step === '' ? '#' : `#${step}`)).join(' -> ');
      const message = `the schema contains itself: ${shown}`;
      this.#circle ??= error(
        'E-S72',
        this.#trail.at(-1)?.pointer ?? '',
        message,
        'write out the levels that are needed',
      );
      return { nodes: 1, depth: 1 };
    }
    this.#trail.push({ schema, pointer });
    let [nodes, depth] = [1, 0];
    for (const child of this.#children(schema, pointer)) {
      const extent = this.#extent(child.schema, child.pointer);
      nodes = Math.min(nodes + extent.nodes, Number.MAX_SAFE_INTEGER);
      depth = Math.max(depth, extent.depth);
    }
    this.#trail.pop();
    const extent = { nodes, depth: depth + 1 };
    this.#known.set(schema, extent);
    return extent;
  }

  /** Definitions too: a circle among ones that nothing uses is a mistake all the same. */
  #children(
    schema: JsonObject,
    pointer: string,
  ): readonly { readonly schema: Json; readonly pointer: string }[] {
    const children = partsOf(schema).map((part) => ({
      schema: part.schema,
      pointer: pointer + part.pointer,
    }));
    const reference = schema['$ref'];
    if (typeof reference !== 'string') return children;
    const target = followPointer(this.#root, reference);
    return target === undefined
      ? children
      : [...children, { schema: target, pointer: reference.slice(1) }];
  }
}
