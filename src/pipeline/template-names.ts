import { didYouMean } from '../diagnostics/suggest.ts';
import type { DiagnosticCode } from '../diagnostics/codes.ts';
import type { Path } from './template-parse.ts';
import type { Variable } from './template-values.ts';

/** A loop around a tag, as far as names need it. */
export interface Loop {
  /** Path of its list from the root. */
  readonly path: readonly string[];
  /** True when the elements are records of a table, whose columns are all known. */
  readonly records: boolean;
}

interface NameProblem {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly hint: string;
}

/** A name resolved, or why it cannot be. */
export type Resolved =
  | { readonly kind: 'variable'; readonly variable: Variable }
  | { readonly kind: 'round'; readonly mark: 'index' | 'first' | 'last' }
  | { readonly kind: 'problem'; readonly problem: NameProblem };

const ROOTS = ['params', 'row', 'rows', 'steps', 'run'] as const;

/** Members that lead from a value to the program; never a name in a template. */
const INSIDES: ReadonlySet<string> = new Set([
  '__proto__',
  'constructor',
  'prototype',
  '__defineGetter__',
  '__defineSetter__',
  '__lookupGetter__',
  '__lookupSetter__',
]);

/** Names at the top that other template languages give to the world outside. */
const OUTSIDE: ReadonlySet<string> = new Set(
  'env process global globalThis window self require module import secrets eval fs'.split(' '),
);

const refused = (code: DiagnosticCode, message: string, hint: string): Resolved => ({
  kind: 'problem',
  problem: { code, message, hint },
});

/** What a name means inside these loops, outermost first. `unknown` is the code of a wrong name. */
export function resolveName(
  path: Path,
  loops: readonly Loop[],
  unknown: 'E-T55' | 'E-T59',
): Resolved {
  const inside = path.parts.find((part) => INSIDES.has(part));
  if (inside !== undefined) {
    const message = `"${inside}" reaches into the program, which a template cannot do`;
    return refused(
      'E-T58',
      message,
      'name a column or a parameter; rename a column that is called so',
    );
  }
  if (path.data) return resolveMark(path, loops);
  if (path.depth > 1 || path.depth > loops.length) {
    const message = `"${path.original}" leads further out than one loop`;
    return refused('E-T57', message, 'start at the root: params, row, rows, steps or run');
  }
  const explicit = isThis(path);
  const [first = ''] = path.parts;
  const level = loops.length - path.depth;
  if (level > 0 && (path.depth > 0 || explicit || !isRoot(first))) {
    return { kind: 'variable', variable: elementOf(path, loops, level) };
  }
  if (explicit || first === '') {
    const message = `"${path.original}" means nothing outside {{#each}}`;
    return refused('E-T57', message, 'start at the root: params, row, rows, steps or run');
  }
  return resolveRoot(path, first, unknown);
}

const isRoot = (name: string): name is (typeof ROOTS)[number] =>
  ROOTS.some((root) => root === name);

/** `this`, `this.x` and `./x`, but not a column that is called `thistle` or `[this]`. */
const isThis = ({ original, parts }: Path): boolean =>
  /^(?:\.\.\/)*(?:this(?:$|[./])|\.(?:$|\/))/u.test(original) && parts[0] !== 'this';

function resolveMark({ parts, depth, original }: Path, loops: readonly Loop[]): Resolved {
  const [mark = ''] = parts;
  const known = mark === 'index' || mark === 'first' || mark === 'last';
  if (!known || parts.length > 1 || depth > 0) {
    const hint = 'of the names with @ there are @index, @first and @last, inside {{#each}}';
    return refused('E-T57', `"${original}" is not available in query templates`, hint);
  }
  if (loops.length === 0) {
    const message = `"${original}" means nothing outside {{#each}}`;
    return refused('E-T57', message, 'put it inside {{#each rows}}…{{/each}}, or remove it');
  }
  return { kind: 'round', mark };
}

function elementOf(path: Path, loops: readonly Loop[], level: number): Variable {
  const loop = loops[level - 1];
  return {
    root: 'element',
    up: loops.length - level,
    members: path.parts,
    known: loop?.records === true ? 1 : 0,
    path: [...(loop?.path ?? []), '*', ...path.parts],
  };
}

/** What is asked of a whole table as if it were one record: `rows.name`, `steps.firms.name`. */
function columnOfList(root: string, members: readonly string[]): string | undefined {
  const member = root === 'rows' ? members[0] : root === 'steps' ? members[1] : undefined;
  return member === undefined || /^(?:\d+|length)$/u.test(member) ? undefined : member;
}

function resolveRoot(path: Path, first: string, unknown: 'E-T55' | 'E-T59'): Resolved {
  if (!isRoot(first)) {
    if (OUTSIDE.has(first)) {
      const message = `"${path.original}" is outside: a template sees only params, row, rows, steps and run`;
      return refused('E-T58', message, 'hand a value in as a parameter');
    }
    const hint =
      path.parts.length === 1
        ? `a column of the record is written {{row.${first}}}, a parameter {{params.${first}}}`
        : didYouMean(first, ROOTS, 'names start with');
    return refused(unknown, `there is no variable "${path.original}"`, hint);
  }
  const members = path.parts.slice(1);
  if (first === 'run' && !(members.length === 1 && members[0] === 'date')) {
    return refused(
      unknown,
      `there is no variable "${path.original}"`,
      'of the run there is only run.date',
    );
  }
  if (first === 'steps' && members.length === 0) {
    return refused(unknown, '"steps" needs the name of a step', 'write steps.<name>');
  }
  const column = columnOfList(first, members);
  if (column !== undefined) {
    const list = first === 'rows' ? 'rows' : `steps.${members[0] ?? ''}`;
    return refused(
      unknown,
      `${list} is a list of records, and "${column}" is not one of them`,
      `write {{#each ${list}}}{{${column}}}{{/each}}, or {{${list}.[0].${column}}} for the first`,
    );
  }
  const known = { params: 1, row: 1, rows: 2, steps: 3, run: 1 }[first];
  return { kind: 'variable', variable: { root: first, up: 0, members, known, path: path.parts } };
}

/** What a variable always is, where that is known before any value is. */
export function shapeOf({ path }: Variable): 'object' | 'list' | undefined {
  const [root, second, third] = path;
  if (path.length === 1) return root === 'rows' ? 'list' : 'object';
  if (root === 'rows' && path.length === 2) return second === 'length' ? undefined : 'object';
  if (root === 'steps' && path.length === 2) return 'list';
  if (root === 'steps' && path.length === 3) return third === 'length' ? undefined : 'object';
  return undefined;
}
