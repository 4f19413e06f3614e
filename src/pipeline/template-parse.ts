import { createRequire } from 'node:module';
import { fail, ok, type Result } from '../base/result.ts';

/** A point of the text: lines from 1, columns from 0. */
interface Point {
  readonly line: number;
  readonly column: number;
}

interface Node {
  readonly loc: { readonly start: Point; readonly end: Point };
}

/** The syntax tree of Handlebars 4.7. */
export interface Program {
  readonly body: readonly Statement[];
  readonly blockParams?: readonly string[];
}

export type Statement =
  | (Node & { readonly type: 'ContentStatement'; readonly value: string })
  | (Node & { readonly type: 'CommentStatement' })
  | Mustache
  | Block
  | (Node & {
      readonly type: 'PartialStatement' | 'PartialBlockStatement' | 'Decorator' | 'DecoratorBlock';
    });

/** A helper with its arguments; without any, a name. */
export interface Call extends Node {
  readonly path: Expression;
  readonly params: readonly Expression[];
  readonly hash?: Node;
}

interface Mustache extends Call {
  readonly type: 'MustacheStatement';
}

export interface Block extends Call {
  readonly type: 'BlockStatement';
  /** Absent where the block was opened with `{{^`. */
  readonly program?: Program;
  readonly inverse?: Program;
}

export type Expression =
  | Path
  | (Call & { readonly type: 'SubExpression' })
  | (Node & { readonly type: 'StringLiteral'; readonly value: string })
  | (Node & { readonly type: 'NumberLiteral'; readonly value: number })
  | (Node & { readonly type: 'BooleanLiteral' | 'UndefinedLiteral' | 'NullLiteral' });

export interface Path extends Node {
  readonly type: 'PathExpression';
  /** Starts with `@`. */
  readonly data: boolean;
  /** How many `../`. */
  readonly depth: number;
  /** Without `this`, `.` and `..`. */
  readonly parts: readonly string[];
  readonly original: string;
}

/** Half-open offsets in the template's text. */
export interface TextSpan {
  readonly start: number;
  readonly end: number;
}

export interface ParsedTemplate {
  readonly program: Program;
  readonly span: (node: { readonly loc: Node['loc'] }) => TextSpan;
}

/** Handlebars' parser, without its compiler: nothing here can turn a template into code. */
interface ParserModule {
  readonly parse: (text: string) => Program;
  readonly parser: {
    readonly lexer: {
      readonly yylloc: { readonly first_line: number; readonly first_column: number };
    };
  };
}

const require = createRequire(import.meta.url);
let loaded: ParserModule | undefined;

/** The error is the offset at which the parser gave up. */
export function parseTemplate(text: string): Result<ParsedTemplate, number> {
  loaded ??= require('handlebars/dist/cjs/handlebars/compiler/base.js') as ParserModule;
  const offset = offsets(text);
  try {
    const program = loaded.parse(text);
    const span: ParsedTemplate['span'] = ({ loc }) => ({
      start: offset(loc.start.line, loc.start.column),
      end: offset(loc.end.line, loc.end.column),
    });
    return ok({ program, span });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // Its own errors carry a place; those of the generated parser leave it in the lexer.
    const place = error as { readonly lineNumber?: number; readonly column?: number };
    const { first_line: line, first_column: column } = loaded.parser.lexer.yylloc;
    return fail(offset(place.lineNumber ?? line, place.column ?? column));
  }
}

/** Lines as Handlebars' lexer counts them: a lone CR ends one too. */
function offsets(text: string): (line: number, column: number) => number {
  const starts = [0];
  for (const { 0: ending, index } of text.matchAll(/\r\n?|\n/gu)) {
    starts.push(index + ending.length);
  }
  return (line, column) => Math.min((starts[line - 1] ?? text.length) + column, text.length);
}
