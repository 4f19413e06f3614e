import type { TemplateProblem } from './template-types.ts';

/** Limits of a template. Handlebars' parser is slow and recursive on what lies beyond them. */
export const TEMPLATE_LIMITS = {
  bytes: 16_384,
  nesting: 8,
  tags: 500,
  /** Brackets in brackets within one tag. */
  parentheses: 4,
} as const;

/** A tag as it stands in the text, found without the parser. */
export interface ScannedTag {
  readonly kind: 'open' | 'close' | 'comment' | 'raw' | 'other';
  /** First word after the marks: `if` of `{{~#if row.x}}`. */
  readonly word: string;
  readonly start: number;
  /** After the closing braces; the end of the text when there are none. */
  readonly end: number;
  readonly closed: boolean;
  readonly parentheses: number;
}

const OPENING = /^\{\{\{?~?(?:(?<open>#[*>]?|\^)|(?<close>\/))?&?\s*(?<word>[^\s}~()]*)/u;

/**
 * Finds tags the way Handlebars' lexer does: `\{{` is text, `\\{{` is a tag after a backslash,
 * quotes and `[…]` hide braces inside a tag.
 */
export function scanTags(text: string): readonly ScannedTag[] {
  const tags: ScannedTag[] = [];
  let from = 0;
  for (;;) {
    const start = text.indexOf('{{', from);
    if (start === -1) return tags;
    if (text[start - 1] === '\\' && text[start - 2] !== '\\') {
      from = start + 2;
      continue;
    }
    const tag = scanTag(text, start);
    tags.push(tag);
    from = tag.end;
  }
}

function scanTag(text: string, start: number): ScannedTag {
  const comment = /^\{\{~?!(?:--)?/u.exec(text.slice(start, start + 6));
  if (comment !== null) return scanComment(text, start, comment[0].endsWith('--'));
  const raw = text.startsWith('{{{{', start);
  const body = scanBody(text, start + 2);
  const head = OPENING.exec(text.slice(start, body.end))?.groups ?? {};
  const word = head['word'] ?? '';
  const opens = head['open'] !== undefined && !(head['open'] === '^' && word === '');
  const kind = opens ? 'open' : head['close'] === undefined ? 'other' : 'close';
  return { ...body, kind: raw ? 'raw' : kind, word, start };
}

function scanComment(text: string, start: number, dashes: boolean): ScannedTag {
  const closing = dashes ? /--~?\}\}/gu : /\}\}/gu;
  closing.lastIndex = start + 2;
  const match = closing.exec(text);
  const end = match === null ? text.length : match.index + match[0].length;
  return { kind: 'comment', word: '', start, end, closed: match !== null, parentheses: 0 };
}

/** What can stand between the braces: a quoted text, a `[segment]`, the closing braces, a bracket. */
const PART = /"(?:\\"|[^"])*"|'(?:\\'|[^'])*'|\[(?:\\\]|[^\]])*\]|\}\}+|[()]/gu;

function scanBody(
  text: string,
  from: number,
): { readonly end: number; readonly closed: boolean; readonly parentheses: number } {
  const part = new RegExp(PART);
  part.lastIndex = from;
  let [depth, deepest] = [0, 0];
  for (let match = part.exec(text); match !== null; match = part.exec(text)) {
    if (match[0] === '(') deepest = Math.max(deepest, ++depth);
    else if (match[0] === ')') depth--;
    else if (match[0].startsWith('}}')) {
      const braces = text.startsWith('{{', from) ? 4 : text[from] === '{' ? 3 : 2;
      const end = match.index + Math.min(match[0].length, braces);
      return { end, closed: true, parentheses: deepest };
    }
  }
  return { end: text.length, closed: false, parentheses: deepest };
}

/** What goes beyond the limits; looked for before the parser sees the text. */
export function limitProblems(tags: readonly ScannedTag[]): readonly TemplateProblem[] {
  const [extra] = tags.slice(TEMPLATE_LIMITS.tags);
  if (extra !== undefined) {
    const message = `the template has ${tags.length} tags; at most ${TEMPLATE_LIMITS.tags} are allowed`;
    const hint = 'repeat with {{#each rows}}…{{/each}}, or write {{json row}} for a whole record';
    return [{ code: 'E-T52', message, start: extra.start, end: extra.end, hint }];
  }
  const problems: TemplateProblem[] = [];
  let depth = 0;
  for (const tag of tags) {
    const { start, end } = tag;
    if (tag.kind === 'open' && ++depth === TEMPLATE_LIMITS.nesting + 1) {
      const message = `blocks are nested more than ${TEMPLATE_LIMITS.nesting} deep`;
      const hint = 'close blocks before you open others, or ask in two steps';
      problems.push({ code: 'E-T52', message, start, end, hint });
    } else if (tag.kind === 'close') depth--;
    else if (tag.kind === 'raw' && !problems.some(({ code }) => code === 'E-T57')) {
      const message = 'raw blocks ({{{{…}}}}) are not available in query templates';
      problems.push({ code: 'E-T57', message, start, end, hint: 'write \\{{ for literal braces' });
    }
    if (tag.parentheses > TEMPLATE_LIMITS.parentheses) {
      const message = `parentheses are nested more than ${TEMPLATE_LIMITS.parentheses} deep`;
      const hint = 'write one {{default …}} with a text as its second value';
      problems.push({ code: 'E-T52', message, start, end, hint });
    }
  }
  return problems;
}

/**
 * Why the parser refused the text, in our words: a tag or a block that does not end, a block closed
 * by another, else the tag that holds `offset`.
 */
export function syntaxProblem(
  text: string,
  tags: readonly ScannedTag[],
  offset: number,
): TemplateProblem {
  const open: ScannedTag[] = [];
  for (const tag of tags) {
    if (!tag.closed) return unclosedTag(text, tag);
    if (tag.kind === 'open') open.push(tag);
    if (tag.kind !== 'close') continue;
    const opener = open.pop();
    if (opener?.word === tag.word) continue;
    return mismatch(text, tag, opener);
  }
  const unclosed = open.at(-1);
  const tag = tags.find(({ start, end }) => start <= offset && offset <= end) ?? tags.at(-1);
  if (unclosed !== undefined && (tag === undefined || offset >= text.length)) {
    const shown = excerpt(text, unclosed);
    return {
      code: 'E-T54',
      message: `the block ${shown} is never closed`,
      start: unclosed.start,
      end: unclosed.end,
      hint: `close it with {{/${unclosed.word}}}`,
    };
  }
  const { start, end } = tag ?? { start: 0, end: text.length };
  return {
    code: 'E-T53',
    message: `${excerpt(text, { start, end })} cannot be read as a tag`,
    start,
    end,
    hint: 'write a name such as {{row.name}}, a helper with its arguments, or a block; \\{{ gives literal braces',
  };
}

function unclosedTag(text: string, tag: ScannedTag): TemplateProblem {
  const lineEnd = text.indexOf('\n', tag.start);
  const end = lineEnd === -1 ? text.length : lineEnd;
  const ending = text.startsWith('--', tag.start + 3) ? '--}}' : '}}';
  return {
    code: 'E-T53',
    message: `the tag ${excerpt(text, { start: tag.start, end })} is never closed`,
    start: tag.start,
    end,
    hint: `end it with "${ending}"; \\{{ gives literal braces`,
  };
}

function mismatch(text: string, tag: ScannedTag, opener: ScannedTag | undefined): TemplateProblem {
  const { start, end } = tag;
  const shown = excerpt(text, tag);
  if (opener === undefined) {
    const message = `${shown} closes a block that was not opened`;
    const hint = `open it before with {{#${tag.word} …}}, or remove it`;
    return { code: 'E-T53', message, start, end, hint };
  }
  const message = `${shown} stands where ${excerpt(text, opener)} must be closed first`;
  return { code: 'E-T53', message, start, end, hint: `write {{/${opener.word}}} here` };
}

function excerpt(text: string, place: { readonly start: number; readonly end: number }): string {
  const shown = text.slice(place.start, place.end).replace(/\s+/gu, ' ');
  return shown.length > 60 ? `${shown.slice(0, 59)}…` : shown;
}
