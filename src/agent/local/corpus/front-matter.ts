import { isMap, isScalar, isSeq, parseDocument, type Node, type Scalar } from 'yaml';
import type { EmbeddedFact } from './document.ts';

/** What stands between `---` lines at the top of a document. */
export interface FrontMatter {
  readonly facts: readonly EmbeddedFact[];
  /** Where the document itself begins. */
  readonly end: number;
  readonly problem: string | undefined;
}

const NONE: FrontMatter = { facts: [], end: 0, problem: undefined };
const MAX_LENGTH = 65_536;
const MAX_NESTING = 32;

/** Reads front matter in YAML, with the place of every value. */
export function readFrontMatter(source: string): FrontMatter {
  const open = /^---[ \t]*\r?\n/u.exec(source);
  if (open === null) return NONE;
  const start = open[0].length;
  const close = /^---[ \t]*$/mu.exec(source.slice(start, start + MAX_LENGTH));
  if (close === null) {
    // A line of dashes alone is a rule; with a property below it, it is a beginning without end.
    const cut = /^[\w-]+:(?:\s|$)/u.test(source.slice(start));
    return cut ? { ...NONE, problem: 'its front matter has no end' } : NONE;
  }
  const yaml = source.slice(start, start + close.index);
  const end = start + close.index + close[0].length;
  if (tooDeep(yaml)) return { facts: [], end, problem: 'its front matter is nested too deeply' };
  const document = parseDocument(yaml, { uniqueKeys: false, logLevel: 'error' });
  if (document.errors.length > 0 || !isMap(document.contents)) {
    return { facts: [], end, problem: 'its front matter cannot be read' };
  }
  const facts: EmbeddedFact[] = [];
  collect(document.contents, [], start, facts, false);
  return { facts, end, problem: undefined };
}

/** Nesting in brackets, and by indentation, of which the parser's own stack would run out. */
const tooDeep = (yaml: string): boolean =>
  (yaml.match(/[[{]/gu)?.length ?? 0) > 2_000 ||
  opensMoreThan(32, yaml) ||
  /^ {128}/mu.test(yaml) ||
  /(?:- ){32}/u.test(yaml);

/** Brackets that open one in the other, none of them closed between. */
function opensMoreThan(most: number, yaml: string): boolean {
  let open = 0;
  for (const letter of yaml) {
    if (letter === '[' || letter === '{') open++;
    else if (letter === ']' || letter === '}') open = 0;
    if (open > most) return true;
  }
  return false;
}

function collect(
  node: Node,
  path: readonly string[],
  offset: number,
  facts: EmbeddedFact[],
  several: boolean,
): void {
  if (path.length > MAX_NESTING) return;
  if (isMap(node)) {
    for (const { key, value } of node.items) {
      if (isScalar(key) && typeof key.value === 'string' && isNode(value)) {
        collect(value, [...path, key.value], offset, facts, several);
      }
    }
  } else if (isSeq(node)) {
    const many = node.items.length > 1;
    for (const item of node.items) if (isNode(item)) collect(item, path, offset, facts, many);
  } else if (isScalar(node)) {
    const fact = factOf(node, path.join(' '), offset, several);
    if (fact !== undefined) facts.push(fact);
  }
}

/** Undefined for a value that is empty, and for a text over several lines. */
function factOf(
  { value, range, type, source }: Scalar,
  label: string,
  offset: number,
  several: boolean,
): EmbeddedFact | undefined {
  const text = source ?? '';
  if (value === null || !range || text.trim() === '' || type?.startsWith('BLOCK') === true) {
    return undefined;
  }
  const quotes = type?.startsWith('QUOTE') === true ? 1 : 0;
  const span = { start: offset + range[0] + quotes, end: offset + range[1] - quotes };
  return { thing: 0, label, text, span, method: 'front-matter', several };
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'range' in value;
