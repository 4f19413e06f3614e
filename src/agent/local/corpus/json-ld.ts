import type { EmbeddedFact } from './document.ts';
import { readJsonTree, type JsonNode } from './json-tree.ts';

/** Things that describe the page, not what it is about. */
const PAGE_PARTS =
  /^(?:website|webpage|webpageelement|breadcrumblist|listitem|searchaction|imageobject|sitenavigationelement|wpheader|wpfooter|faqpage|question|answer|aboutpage|contactpage|profilepage|collectionpage)$/u;
/** Properties that say nothing about the thing itself. */
const IGNORED = /^(?:@context|@id|@type|potentialAction|image|logo|mainEntityOfPage|isPartOf)$/u;
const MAX_FACTS = 500;

/** What JSON-LD says: the things it describes, with their types, and their properties. */
export interface Described {
  readonly facts: readonly EmbeddedFact[];
  readonly types: readonly string[];
  /** How many things there are. */
  readonly things: number;
}

/**
 * The properties of the things in a JSON-LD script that stands at `offset` of the file. `first` is
 * the number of the first thing. Undefined when the script is no JSON.
 */
export function readJsonLd(json: string, offset: number, first: number): Described | undefined {
  const tree = readJsonTree(json, offset);
  if (tree === undefined) return undefined;
  const facts: EmbeddedFact[] = [];
  const types: string[] = [];
  const things = thingsOf(tree, 0);
  for (const [at, thing] of things.entries()) {
    types.push(...typesOf(thing));
    describe(thing, [], first + at, facts);
  }
  return { facts: facts.slice(0, MAX_FACTS), types, things: things.length };
}

const entriesOf = (node: JsonNode): readonly (readonly [string, JsonNode])[] =>
  node.kind === 'object' ? node.entries : [];

const property = (node: JsonNode, name: string): JsonNode | undefined =>
  entriesOf(node).find(([key]) => key === name)?.[1];

function typesOf(node: JsonNode): readonly string[] {
  const type = property(node, '@type');
  const nodes = type?.kind === 'array' ? type.items : type === undefined ? [] : [type];
  return nodes.flatMap((it) =>
    it.kind === 'scalar' ? [it.text.replace(/^.*[/#:]/u, '').toLowerCase()] : [],
  );
}

/** The things at the top, in a graph, or what a page says that it is about. */
function thingsOf(node: JsonNode, depth: number): readonly JsonNode[] {
  if (depth > 4) return [];
  if (node.kind === 'array') return node.items.flatMap((item) => thingsOf(item, depth + 1));
  if (node.kind !== 'object') return [];
  const graph = property(node, '@graph');
  if (graph !== undefined) return thingsOf(graph, depth + 1);
  const main = property(node, 'mainEntity') ?? property(node, 'about');
  if (!typesOf(node).some((type) => PAGE_PARTS.test(type))) return [node];
  return main === undefined ? [] : thingsOf(main, depth + 1);
}

function describe(
  node: JsonNode,
  path: readonly string[],
  thing: number,
  facts: EmbeddedFact[],
  several = false,
): void {
  if (node.kind === 'scalar') {
    const label = path.join(' ');
    const { text, span, value } = node;
    if (value === null || text.trim() === '' || label === '') return;
    facts.push({ thing, label, text, span, method: 'jsonld', several });
  } else if (node.kind === 'array') {
    const many = several || node.items.length > 1;
    for (const item of node.items) describe(item, path, thing, facts, many);
  } else {
    describeObject(node, path, thing, facts, several);
  }
}

/** `{"@type": "Person", "name": …}` as the value of a property is that name. */
function describeObject(
  node: JsonNode,
  path: readonly string[],
  thing: number,
  facts: EmbeddedFact[],
  several: boolean,
): void {
  const value = property(node, 'value') ?? property(node, '@value') ?? property(node, 'name');
  if (path.length > 0 && value !== undefined) {
    describe(value, path, thing, facts, several);
    for (const name of ['currency', 'unitText', 'unitCode']) {
      const unit = property(node, name);
      if (unit !== undefined) describe(unit, [...path, name], thing, facts, several);
    }
    return;
  }
  if (path.length > 3) return;
  for (const [key, inner] of entriesOf(node)) {
    if (IGNORED.test(key)) continue;
    describe(inner, [...path, key], thing, facts, several);
  }
}
