import { fail, ok, type Result } from '../base/result.ts';
import { TemplateCompiler } from './template-compile.ts';
import { RENDER_LIMITS, tooLong } from './template-helpers.ts';
import { parseTemplate } from './template-parse.ts';
import { limitProblems, scanTags, syntaxProblem, TEMPLATE_LIMITS } from './template-scan.ts';
import type {
  KnownColumns,
  RenderProblem,
  RenderState,
  TemplateName,
  TemplateProblem,
  TemplateScope,
  Write,
} from './template-types.ts';
import { problem } from './template-values.ts';

export type { RenderProblem, TemplateName, TemplateProblem, TemplateScope };

/**
 * A query or system prompt with variables, ready to be rendered for many records.
 *
 * The language is a part of Handlebars 4.7: names, `{{#if}}`, `{{#unless}}`, `{{#each}}`, `{{else}}`,
 * `json`, `date`, `default`, comments and white-space control. It differs where a paid question
 * demands it:
 *
 * - a name that is unknown, null, empty, an object, a list or a boolean where text is meant is a
 *   problem, never empty text; text of white space only counts as empty;
 * - `params`, `row`, `rows`, `steps` and `run` mean the root everywhere, also inside `{{#each}}`
 *   (a column of such a name is `this.row` there);
 * - nothing is escaped, so `{{x}}`, `{{{x}}}` and `{{&x}}` are the same;
 * - values are only ever text: what they contain is never parsed.
 */
export interface Template {
  readonly text: string;
  readonly names: readonly TemplateName[];
  /** Steps whose tables it reads. */
  readonly steps: readonly string[];
  readonly usesRow: boolean;
  readonly usesRows: boolean;
  /** What is odd about it but does not keep it from being used. */
  readonly warnings: readonly TemplateProblem[];
  render(scope: TemplateScope, known?: KnownColumns): Result<string, RenderProblem>;
}

/** Reads and checks a template. The names are not looked up: only the pipeline knows the columns. */
export function compileTemplate(text: string): Result<Template, readonly TemplateProblem[]> {
  const bytes = Buffer.byteLength(text);
  if (bytes > TEMPLATE_LIMITS.bytes) {
    const message = `the template has ${Math.ceil(bytes / 1024)} KB; at most ${TEMPLATE_LIMITS.bytes / 1024} KB are allowed`;
    const hint = 'send long material as input records, not in the query';
    return fail([{ code: 'E-T51', message, start: 0, end: text.length, hint }]);
  }
  const tags = scanTags(text);
  const beyond = limitProblems(tags);
  if (beyond.length > 0) return fail(beyond);
  const parsed = parseTemplate(text);
  if (!parsed.ok) return fail([syntaxProblem(text, tags, parsed.error)]);
  const compiler = new TemplateCompiler(text, parsed.value.span);
  const write = compiler.compile(parsed.value.program);
  if (compiler.problems.length > 0) {
    return fail(compiler.problems.toSorted((a, b) => a.start - b.start));
  }
  const { names } = compiler;
  const steps = names.flatMap(({ path: [root, step] }) => (root === 'steps' && step ? [step] : []));
  return ok({
    text,
    names: names.toSorted((a, b) => a.start - b.start),
    steps: [...new Set(steps)],
    usesRow: names.some(({ path }) => path[0] === 'row'),
    usesRows: names.some(({ path }) => path[0] === 'rows'),
    warnings: leftoverBraces(text, tags),
    render: (scope, known) => render(write, text, scope, known),
  });
}

function render(
  write: Write,
  text: string,
  scope: TemplateScope,
  known: KnownColumns | undefined,
): Result<string, RenderProblem> {
  const at = { start: 0, end: text.length };
  const state: RenderState = {
    scope,
    known,
    frame: undefined,
    out: '',
    at,
    rounds: 0,
    problem: undefined,
  };
  write(state);
  state.at = at;
  if (state.problem === undefined) checkText(state);
  return state.problem === undefined ? ok(state.out) : fail(state.problem);
}

function checkText(state: RenderState): void {
  const { out } = state;
  if (!/\S/u.test(out)) {
    problem(
      state,
      'E-T60',
      '',
      'nothing is left of the text but white space',
      'write words that hold for every record, outside of {{#if}} and {{#each}}',
    );
  } else if (out.length * 3 > RENDER_LIMITS.bytes && Buffer.byteLength(out) > RENDER_LIMITS.bytes) {
    tooLong(state);
  }
}

/** `}}` in the text that ends neither a tag nor literal braces (`\{{…}}`). */
function leftoverBraces(
  text: string,
  tags: readonly { readonly start: number; readonly end: number }[],
): readonly TemplateProblem[] {
  const found: TemplateProblem[] = [];
  let from = 0;
  for (const { start: until, end } of [...tags, { start: text.length, end: text.length }]) {
    for (const match of text.slice(from, until).matchAll(/\\\{\{[\s\S]*?\}\}|\}\}/gu)) {
      if (match[0] !== '}}') continue;
      const start = from + match.index;
      const message = '"}}" stays in the text: it ends no tag';
      const hint = 'remove it, or open the tag before it with {{';
      found.push({ code: 'E-T66', message, start, end: start + 2, hint });
    }
    from = end;
  }
  return found;
}
