import type { Json } from '../base/json.ts';
import type { DiagnosticCode } from '../diagnostics/codes.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import { dateFormat } from './template-date.ts';
import {
  readDate,
  readDefault,
  readPresent,
  writeEach,
  writeIf,
  writeJson,
} from './template-helpers.ts';
import { resolveName, shapeOf, type Loop } from './template-names.ts';
import type { Block, Call, Expression, Path, ParsedTemplate, Program } from './template-parse.ts';
import type { Statement, TextSpan } from './template-parse.ts';
import type { Frame, Read, TemplateName, TemplateProblem, Write } from './template-types.ts';
import { readVariable, writeText, type Called } from './template-values.ts';

type Helper = 'if' | 'unless' | 'each' | 'json' | 'date' | 'default';

const HELPERS: readonly Helper[] = ['if', 'unless', 'each', 'json', 'date', 'default'];
const BLOCKS: readonly Helper[] = ['if', 'unless', 'each'];

const isHelper = (name: string): boolean => HELPERS.some((helper) => helper === name);

/** Helpers of Handlebars that are left out here, and what to write in their place. */
const LEFT_OUT: ReadonlyMap<string, string> = new Map([
  ['lookup', 'name the column, such as {{row.name}}'],
  ['log', 'remove it'],
  ['with', 'write the whole name, such as {{row.address.city}}'],
]);

/** What stands around a tag. */
interface Around {
  readonly loops: readonly Loop[];
  /** Paths, joined, that are known to have a value here. */
  readonly guards: ReadonlySet<string>;
}

/** What a value is needed for: decides which ones can be refused beforehand. */
type Use = 'text' | 'condition' | 'fallback' | 'list' | 'json';

/** An expression ready to read, and how to call it. */
interface Value extends Called {
  readonly read: Read;
}

const NOTHING: Write = () => undefined;

/** Notes where the tag is, for problems that come up while it is written. */
const placed = (write: Write | undefined, span: TextSpan): Write =>
  write === undefined
    ? NOTHING
    : (state) => {
        state.at = span;
        write(state);
      };

/** Turns a syntax tree into one function, and notes every name and every mistake on the way. */
export class TemplateCompiler {
  readonly names: TemplateName[] = [];
  readonly problems: TemplateProblem[] = [];
  readonly #text: string;
  readonly #span: ParsedTemplate['span'];

  constructor(text: string, span: ParsedTemplate['span']) {
    this.#text = text;
    this.#span = span;
  }

  compile(program: Program): Write {
    return this.#program(program, { loops: [], guards: new Set() });
  }

  #problem(span: TextSpan, code: DiagnosticCode, message: string, hint: string): undefined {
    const { start, end } = span;
    this.problems.push({ code, message, start, end, hint });
    return undefined;
  }

  #program(program: Program | undefined, around: Around): Write {
    const writes = (program?.body ?? [])
      .map((statement) => this.#statement(statement, around))
      .filter((write) => write !== NOTHING);
    const [first, second] = writes;
    if (first === undefined) return NOTHING;
    if (second === undefined) return first;
    return (state) => {
      for (const write of writes) {
        write(state);
        if (state.problem !== undefined) return;
      }
    };
  }

  #statement(statement: Statement, around: Around): Write {
    switch (statement.type) {
      case 'ContentStatement': {
        const { value } = statement;
        if (value === '') return NOTHING;
        return (state) => {
          state.out += value;
        };
      }
      case 'CommentStatement':
        return NOTHING;
      case 'MustacheStatement':
        return placed(this.#mustache(statement, around), this.#span(statement));
      case 'BlockStatement':
        return placed(this.#block(statement, around), this.#opening(statement));
      case 'PartialStatement':
      case 'PartialBlockStatement':
        return this.#leftOut(statement, 'partials', 'write the text itself into the query');
      case 'Decorator':
      case 'DecoratorBlock':
        return this.#leftOut(statement, 'decorators', 'remove it');
    }
  }

  #leftOut(statement: Statement, what: string, hint: string): Write {
    const message = `${what} are not available in query templates`;
    this.#problem(this.#span(statement), 'E-T57', message, hint);
    return NOTHING;
  }

  #mustache(call: Call, around: Around): Write | undefined {
    const helper = this.#helper(call, around);
    if (helper === 'if' || helper === 'unless' || helper === 'each') {
      const hint = `write {{#${helper} …}}…{{/${helper}}}`;
      return this.#problem(this.#span(call), 'E-T56', `"${helper}" is a block`, hint);
    }
    if (helper === 'json') {
      const value = this.#argument(call, helper, 1, 'json', around);
      return value === undefined ? undefined : writeJson(value.read, value);
    }
    const value = this.#value(call, helper, 'text', around);
    return value === undefined ? undefined : writeText(value.read, value);
  }

  /** The helper that a call names; undefined when it is a name or something refused. */
  #helper({ path, params, hash }: Call, around: Around): Helper | undefined {
    if (path.type !== 'PathExpression') return undefined;
    const { original } = path;
    const named = HELPERS.find((helper) => helper === original);
    const simple = path.parts.length === 1 && path.depth === 0 && path.parts[0] === original;
    if (hash !== undefined) {
      const hint = 'give the values alone, in their order, as in {{default row.name "text"}}';
      this.#problem(this.#span(hash), 'E-T57', 'name=value arguments are not available', hint);
      return undefined;
    }
    if (named !== undefined && simple && (params.length > 0 || around.loops.length === 0))
      return named;
    return undefined;
  }

  #block(block: Block, around: Around): Write | undefined {
    const span = this.#opening(block);
    if (this.#isLeftOut(block, span)) return undefined;
    const helper = this.#helper(block, around);
    if (helper === undefined || !BLOCKS.includes(helper)) return this.#noBlock(block, span);
    const use = helper === 'each' ? 'list' : 'condition';
    const value = this.#argument(block, helper, 1, use, around);
    if (value === undefined) {
      // Looked through all the same, so that one mistake does not hide the others.
      this.#program(block.inverse, around);
      if (helper !== 'each') this.#program(block.program, around);
      return undefined;
    }
    if (helper === 'each') {
      const loop = { path: value.path, records: areRecords(value.path) };
      const inner = { ...around, loops: [...around.loops, loop] };
      const [body, other] = [
        this.#program(block.program, inner),
        this.#program(block.inverse, around),
      ];
      return writeEach(value.read, value, body, other);
    }
    const guarded = { ...around, guards: new Set([...around.guards, value.path.join('\0')]) };
    const [yes, no] = helper === 'if' ? [guarded, around] : [around, guarded];
    const [body, other] = [this.#program(block.program, yes), this.#program(block.inverse, no)];
    return helper === 'if' ? writeIf(value.read, body, other) : writeIf(value.read, other, body);
  }

  /** Reports forms of blocks that Handlebars has and a query template has not. */
  #isLeftOut(block: Block, span: TextSpan): boolean {
    if (this.#text.startsWith('{{{{', span.start)) {
      const message = 'raw blocks are not available in query templates';
      this.#problem(span, 'E-T57', message, 'write \\{{ for literal braces');
      return true;
    }
    if (![block.program, block.inverse].some(hasParameters)) return false;
    const message = 'block parameters ("as |x|") are not available in query templates';
    const hint = 'leave it out: inside {{#each}} an element is {{this}}, its column {{name}}';
    this.#problem(span, 'E-T57', message, hint);
    return true;
  }

  /** `{{#x …}}` of a block: the block's own span goes to its end. */
  #opening(block: Block): TextSpan {
    const { start, end } = this.#span(block);
    const close = this.#text.indexOf('}}', this.#span(block.path).end);
    return { start, end: close === -1 ? end : close + 2 };
  }

  #noBlock({ path, params }: Block, span: TextSpan): undefined {
    if (path.type !== 'PathExpression') {
      const hint = 'write {{#if …}}, {{#unless …}} or {{#each …}}';
      return this.#problem(span, 'E-T53', 'a block starts with the name of a helper', hint);
    }
    if (isHelper(path.original) || LEFT_OUT.has(path.original) || params.length > 0) {
      return this.#unknownHelper(path, BLOCKS);
    }
    const hint = `write {{#if ${path.original}}} or {{#each ${path.original}}}`;
    return this.#problem(span, 'E-T56', `a block cannot start with the name alone`, hint);
  }

  #unknownHelper(path: Path, known: readonly string[]): undefined {
    const name = path.original;
    const instead = LEFT_OUT.get(name);
    if (instead !== undefined) {
      const message = `the helper "${name}" is not available in query templates`;
      return this.#problem(this.#span(path), 'E-T57', message, instead);
    }
    const resolved = resolveName(path, [], 'E-T55');
    if (resolved.kind === 'problem' && resolved.problem.code === 'E-T58') {
      const { code, message, hint } = resolved.problem;
      return this.#problem(this.#span(path), code, message, hint);
    }
    if (resolved.kind === 'variable') {
      const hint = `write {{${name}}} alone, or put a helper before it: ${HELPERS.join(', ')}`;
      return this.#problem(
        this.#span(path),
        'E-T56',
        `"${name}" is a variable, not a helper`,
        hint,
      );
    }
    const hint = didYouMean(name, known, known === BLOCKS ? 'blocks' : 'helpers');
    const what = known === BLOCKS ? 'block helper' : 'helper';
    return this.#problem(this.#span(path), 'E-T56', `there is no ${what} "${name}"`, hint);
  }

  /** The first argument of a helper that takes from 1 to `most`. */
  #argument(call: Call, helper: Helper, most: number, use: Use, around: Around): Value | undefined {
    const [first] = call.params;
    if (first === undefined || call.params.length > most) {
      const wants = most === 1 ? 'one value' : 'one or two values';
      const span =
        first === undefined ? this.#span(call.path) : this.#span(call.params.at(-1) ?? first);
      const message = `"${helper}" takes ${wants}, not ${call.params.length}`;
      return this.#problem(span, 'E-T56', message, USAGE[helper]);
    }
    return this.#expression(first, use, around);
  }

  /** A name, or a helper that gives a value. */
  #value(call: Call, helper: Helper | undefined, use: Use, around: Around): Value | undefined {
    if (helper === 'date') return this.#date(call, around);
    if (helper === 'default') return this.#default(call, use, around);
    const { path } = call;
    if (path.type !== 'PathExpression') {
      const message = 'a tag starts with a name or a helper';
      return this.#problem(
        this.#span(path),
        'E-T53',
        message,
        'write {{row.name}}, or the text itself without braces',
      );
    }
    if (LEFT_OUT.has(path.original) || call.params.length > 0 || call.hash !== undefined) {
      return call.hash === undefined ? this.#unknownHelper(path, HELPERS) : undefined;
    }
    return this.#name(path, use, around);
  }

  #expression(expression: Expression, use: Use, around: Around): Value | undefined {
    if (expression.type === 'PathExpression') return this.#name(expression, use, around);
    if (expression.type === 'SubExpression') {
      const helper = this.#helper(expression, around);
      if (helper === 'date' || helper === 'default') {
        return this.#value(expression, helper, use, around);
      }
      const span = this.#span(expression);
      const hint = 'write the helper in a tag of its own, such as {{json row}}';
      return this.#problem(span, 'E-T56', 'only date and default can stand in parentheses', hint);
    }
    return this.#problem(
      this.#span(expression),
      'E-T56',
      'a name is needed here',
      'name a value, such as row.name or params.region',
    );
  }

  #date(call: Call, around: Around): Value | undefined {
    const value = this.#argument(call, 'date', 2, 'text', around);
    const second = call.params[1];
    if (second !== undefined && second.type !== 'StringLiteral') {
      return this.#problem(
        this.#span(second),
        'E-T56',
        'a date format is a text in quotes',
        USAGE['date'],
      );
    }
    const format = dateFormat(second?.value ?? 'YYYY-MM-DD');
    if (typeof format === 'string') {
      const message = `"${format}" is not part of a date format`;
      return this.#problem(this.#span(second ?? call), 'E-T56', message, USAGE['date']);
    }
    return value === undefined
      ? undefined
      : { ...value, read: readDate(value.read, value, format) };
  }

  #default(call: Call, use: Use, around: Around): Value | undefined {
    const value = this.#argument(call, 'default', 2, 'fallback', around);
    const second = call.params[1];
    if (second === undefined) {
      const message = '"default" takes a value and what to write in its place';
      return this.#problem(this.#span(call), 'E-T56', message, USAGE['default']);
    }
    if (second.type === 'StringLiteral' || second.type === 'NumberLiteral') {
      const { value: text } = second;
      return value && { ...value, read: readDefault(value.read, () => text) };
    }
    const other = this.#expression(second, use, around);
    if (value === undefined || other === undefined) return undefined;
    const read = use === 'text' ? readPresent(other.read, other) : other.read;
    return { ...value, read: readDefault(value.read, read) };
  }

  #name(path: Path, use: Use, around: Around): Value | undefined {
    const span = this.#span(path);
    const written = path.original;
    const code = use === 'condition' ? 'E-T59' : 'E-T55';
    const resolved = resolveName(path, around.loops, code);
    if (resolved.kind === 'problem') {
      const { code: found, message, hint } = resolved.problem;
      return this.#problem(span, found, message, hint);
    }
    if (resolved.kind === 'round') {
      const { mark } = resolved;
      if (mark !== 'index' && use !== 'condition') {
        const hint = `write {{#if @${mark}}}…{{/if}}`;
        return this.#problem(span, 'E-T62', `@${mark} is true or false, not text`, hint);
      }
      return { read: ({ frame }) => frame && roundMark(mark, frame), path: [written], written };
    }
    const { variable } = resolved;
    const guarded =
      use === 'condition' || use === 'fallback' || around.guards.has(variable.path.join('\0'));
    this.names.push({ path: variable.path, ...span, guarded });
    const shape = shapeOf(variable);
    if (shape !== undefined && use !== 'condition' && use !== 'json' && shape !== use) {
      return this.#problem(span, 'E-T62', ...wrongShape(written, shape, use));
    }
    return { read: readVariable(variable, code), path: variable.path, written };
  }
}

const USAGE: Readonly<Record<Helper, string>> = {
  if: 'write {{#if row.name}}…{{/if}}',
  unless: 'write {{#unless row.name}}…{{/unless}}',
  each: 'write {{#each rows}}…{{/each}}',
  json: 'write {{json row}}',
  date: 'write {{date row.founded "YYYY-MM-DD"}}; a format is made of YYYY MMMM MMM MM M DD D HH mm ss',
  default: 'write {{default row.name "text"}}',
};

const hasParameters = (program: Program | undefined): boolean =>
  program?.blockParams !== undefined && program.blockParams.length > 0;

/** True for lists whose elements are records of a table. */
const areRecords = (path: readonly string[]): boolean =>
  (path[0] === 'rows' && path.length === 1) || (path[0] === 'steps' && path.length === 2);

const roundMark = (mark: 'index' | 'first' | 'last', frame: Frame): Json =>
  mark === 'first' ? frame.index === 0 : frame[mark];

function wrongShape(
  written: string,
  shape: 'object' | 'list',
  use: Use,
): [message: string, hint: string] {
  if (use === 'list') {
    return [`"each" needs a list, and ${written} is an object`, 'write {{#each rows}}…{{/each}}'];
  }
  const hint = shape === 'list' ? `{{#each ${written}}}…{{/each}} or` : `a column of it or`;
  return [
    `${written} is ${shape === 'list' ? 'a list' : 'an object'}, not text`,
    `write ${hint} {{json ${written}}}`,
  ];
}
