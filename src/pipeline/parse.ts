import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  CST,
  Lexer,
  parseDocument,
  type Node,
  type Pair,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import type { Json } from '../base/json.ts';
import { fail, ok, type Result } from '../base/result.ts';
import type { SourceFile, Span } from '../base/source-file.ts';
import { errorAt, warningAt, type Diagnostic } from '../diagnostics/diagnostic.ts';
import {
  documentOf,
  pointerOf,
  type ParsedDocument,
  type Path,
  type PlacedNode,
} from './parsed-document.ts';
import type { TextStyle } from './text-offset.ts';
import { TokenScan, tooDeep, type ParseLimits, type Scanned } from './token-scan.ts';
import { explainSyntax, unquotedTemplate } from './yaml-syntax.ts';

/** For files that people write: yaml compares each key with each, so their number is bounded. */
const PIPELINE_LIMITS: ParseLimits = { maxKeys: 2_000, maxDepth: 32 };

/** What to write into an empty file. */
const PIPELINE_START =
  'start with version, name and steps; pipelines/quickstart.yaml is an example';

/** Keys whose values are free text, where a "#" may have been meant. */
const FREE_TEXT = new Set(['query', 'system', 'sql', 'description', 'where', 'every_row']);
const RESERVED_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Reads YAML 1.2 without anchors, aliases, tags and merge keys; all mistakes come back at once.
 * `start` is what to do about an empty file.
 */
export function parseYaml(
  source: SourceFile,
  start: string = PIPELINE_START,
  limits: ParseLimits = PIPELINE_LIMITS,
): Result<ParsedDocument, Diagnostic[]> {
  const { problems, document } = readYaml(source, start, limits);
  return problems.length > 0 || document === undefined ? fail(problems) : ok(document);
}

/**
 * Like {@link parseYaml}, with what can be read of a text whose structure is sound: a key that is
 * written twice counts where it is first, and what cannot be read is null.
 */
export function readYaml(
  source: SourceFile,
  start: string = PIPELINE_START,
  limits: ParseLimits = PIPELINE_LIMITS,
): { readonly problems: Diagnostic[]; readonly document: ParsedDocument | undefined } {
  const failed = (problems: Diagnostic[]) => ({ problems, document: undefined });
  const scan = scanTokens(source, limits);
  if (scan.tooLarge !== undefined) return failed([scan.tooLarge]);
  if (scan.full) return failed([...scan.problems]);
  const document = parseDocument(source.text, {
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: 'error',
  });
  const faults = document.errors.map(({ code, message, pos }) => ({
    code,
    message,
    start: pos[0],
    end: pos[1],
  }));
  const syntax = explainSyntax(source, faults, scan);
  if (syntax.length > 0 || !scan.problems.every(({ code }) => LEFT_OUT.has(code))) {
    const lines = new Set(scan.problems.map((problem) => lineOf(problem)));
    return failed([...scan.problems, ...syntax.filter((each) => !lines.has(lineOf(each)))]);
  }
  if (document.contents === null) {
    return failed([errorAt('E-Y08', { source, start: 0, end: 0 }, 'the file is empty', start)]);
  }
  const reader = new TreeReader(source, limits);
  const value = reader.read(document.contents);
  return { problems: [...scan.problems, ...reader.problems], document: reader.document(value) };
}

/** Anchors, aliases and tags: the rest of the text is what it looks like. */
const LEFT_OUT: ReadonlySet<string> = new Set(['E-Y14', 'E-Y18']);

function lineOf({ place }: Diagnostic): number {
  return place.kind === 'span' ? place.span.source.position(place.span.start).line : 0;
}

/** Zero-width marks that the lexer puts between tokens. */
const MARKS = new Set<string>([CST.BOM, CST.DOCUMENT, CST.FLOW_END, CST.SCALAR]);

function scanTokens(source: SourceFile, limits: ParseLimits): Scanned {
  const scan = new TokenScan(source, limits);
  let offset = 0;
  let isText = false;
  for (const token of new Lexer().lex(source.text)) {
    if (MARKS.has(token)) {
      isText = token === CST.SCALAR;
      continue;
    }
    if (!isText) scan.take(CST.tokenType(token), token, offset);
    isText = false;
    offset += token.length;
    if (scan.tooLarge !== undefined || scan.full) break;
  }
  return scan.finish();
}

/** Builds the plain value, notes where each part is, and finds what YAML allows and we refuse. */
class TreeReader {
  readonly problems: Diagnostic[] = [];
  readonly #warnings: Diagnostic[] = [];
  readonly #places = new Map<string, PlacedNode>();
  readonly #source: SourceFile;
  readonly #limits: ParseLimits;

  constructor(source: SourceFile, limits: ParseLimits) {
    this.#source = source;
    this.#limits = limits;
  }

  read(node: Node): Json {
    return this.#read(node, [], undefined);
  }

  document(value: Json): ParsedDocument {
    return documentOf(this.#source, value, this.#places, this.#warnings);
  }

  #read(node: Node | null, path: Path, key: Span | undefined): Json {
    const value = this.#spanOf(node, key);
    const text = isScalar(node) && typeof node.value === 'string' ? textOf(node) : undefined;
    this.#places.set(pointerOf(path), { key, value, text });
    if (path.length > this.#limits.maxDepth) {
      this.problems.push(tooDeep(value, this.#limits.maxDepth));
      return null;
    }
    if (node === null || isAlias(node)) return null;
    if (isScalar(node)) return this.#scalar(node, path, value);
    if (isSeq(node)) {
      return node.items.map((item, i) => this.#read(asNode(item), [...path, i], undefined));
    }
    return isMap(node) ? this.#map(node, path, value) : null;
  }

  #map(map: YAMLMap, path: Path, span: Span): Json {
    const first = map.items[0]?.key;
    if (map.flow === true && isMap(first) && first.flow === true) {
      this.problems.push(unquotedTemplate(span));
      return null;
    }
    const entries: [string, Json][] = [];
    const seen = new Map<string, Span>();
    for (const pair of map.items) {
      const key = this.#key(pair);
      if (key === undefined) continue;
      const earlier = seen.get(key.name);
      if (earlier !== undefined) {
        this.problems.push(this.#duplicate(key, earlier));
        continue;
      }
      seen.set(key.name, key.span);
      entries.push([key.name, this.#read(asNode(pair.value), [...path, key.name], key.span)]);
    }
    return Object.fromEntries(entries);
  }

  #key(pair: Pair): { name: string; span: Span } | undefined {
    const { key } = pair;
    const span = this.#spanOf(asNode(key), undefined);
    if (!isScalar(key)) {
      this.problems.push(
        errorAt(
          'E-Y00',
          span,
          'a key must be a text',
          'write a name before the ":", without "?" and brackets',
        ),
      );
      return undefined;
    }
    const name = typeof key.value === 'string' ? key.value : (key.source ?? '');
    if (name === '<<') {
      this.problems.push(
        errorAt('E-Y17', span, 'merge keys are not supported', 'write the keys out'),
      );
      return undefined;
    }
    if (RESERVED_KEYS.has(name)) {
      this.problems.push(errorAt('E-Y33', span, `"${name}" cannot be a key`, 'rename it'));
      return undefined;
    }
    return { name, span };
  }

  #duplicate(key: { name: string; span: Span }, earlier: Span): Diagnostic {
    const line = this.#source.position(earlier.start).line;
    return {
      ...errorAt(
        'E-Y12',
        key.span,
        `the key "${key.name}" is already written in line ${line}`,
        'remove or rename one of them',
      ),
      notes: [{ message: 'first written here', place: { kind: 'span', span: earlier } }],
    };
  }

  #scalar(node: Scalar, path: Path, span: Span): Json {
    const { value } = node;
    if (typeof value === 'number') return this.#number(value, span);
    if (typeof value === 'string' && node.type === 'PLAIN' && FREE_TEXT.has(String(path.at(-1)))) {
      this.#checkCut(span);
    }
    return typeof value === 'string' || typeof value === 'boolean' ? value : null;
  }

  #number(value: number, span: Span): Json {
    if (!Number.isFinite(value)) {
      this.problems.push(errorAt('E-Y32', span, 'not a finite number', 'leave the key out'));
    } else if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
      this.problems.push(
        errorAt(
          'E-Y31',
          span,
          'the number is too large to be exact',
          'if it is an identifier, put it in quotes',
        ),
      );
    }
    return value;
  }

  /** A comment right after an unquoted text is often the rest of the text. */
  #checkCut(span: Span): void {
    const rest = /^[ \t]+#[^\n]*/u.exec(this.#source.text.slice(span.end));
    if (rest === null) return;
    const start = span.end + rest[0].indexOf('#');
    this.#warnings.push(
      warningAt(
        'E-Y24',
        { source: this.#source, start, end: span.end + rest[0].trimEnd().length },
        'text after " #" is a comment and was dropped',
        'put the text in quotes if this belongs to it',
      ),
    );
  }

  #spanOf(node: Node | null, fallback: Span | undefined): Span {
    const range = node?.range;
    if (range === null || range === undefined) {
      return fallback ?? { source: this.#source, start: 0, end: 0 };
    }
    return { source: this.#source, start: range[0], end: range[1] };
  }
}

const asNode = (value: unknown): Node | null => (isNode(value) ? value : null);

function textOf(node: Scalar): { style: TextStyle; value: string } {
  const styles: Readonly<Record<string, TextStyle>> = {
    PLAIN: 'plain',
    QUOTE_SINGLE: 'single',
    QUOTE_DOUBLE: 'double',
    BLOCK_LITERAL: 'block',
    BLOCK_FOLDED: 'block',
  };
  return { style: styles[node.type ?? 'PLAIN'] ?? 'plain', value: String(node.value) };
}
