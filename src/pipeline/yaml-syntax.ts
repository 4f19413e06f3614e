import type { SourceFile, Span } from '../base/source-file.ts';
import { errorAt, type Diagnostic } from '../diagnostics/diagnostic.ts';

/** What a YAML reader says about a text that it cannot read. */
interface SyntaxFault {
  /** A code of the package yaml, such as `BAD_INDENT`. */
  readonly code: string;
  readonly message: string;
  readonly start: number;
  readonly end: number;
}

/** What a first look at the tokens found that explains later faults. */
export interface TokenClues {
  /** Opening brackets that never close. */
  readonly openBrackets: readonly number[];
  /** Quotes that do not close, or close only after swallowing lines that look like keys. */
  readonly openQuotes: readonly { readonly start: number; readonly end: number }[];
}

/** After so many faults the reader of the file has lost its structure, and the rest is noise. */
const MOST_FAULTS = 20;

const QUOTE_IT = 'put the text in quotes, or write it as a block after "|"';
const VALUE_START = /^(\s*(?:-\s+)*[^\s:#'"][^:#]*:\s+|\s*-\s+)(\S.*)?$/u;

/** Says in terms of what the user wrote why the text is not YAML. One diagnostic a line. */
export function explainSyntax(
  source: SourceFile,
  faults: readonly SyntaxFault[],
  clues: TokenClues,
): Diagnostic[] {
  const byLine = new Map<number, Diagnostic>();
  for (const fault of faults.slice(0, MOST_FAULTS)) {
    const diagnostic = explain(source, fault, clues);
    const { place } = diagnostic;
    const line = place.kind === 'span' ? source.position(place.span.start).line : 0;
    if (!byLine.has(line)) byLine.set(line, diagnostic);
  }
  return [...byLine.values()];
}

function explain(source: SourceFile, fault: SyntaxFault, clues: TokenClues): Diagnostic {
  const { line } = source.position(fault.start);
  return (
    tabIndent(source, fault, line) ??
    severalDocuments(source, fault) ??
    openQuote(source, fault, clues) ??
    unquoted(source, fault, line) ??
    openBracket(source, fault, clues) ??
    errorAt('E-Y00', visible(source, fault), ...plainWords(fault))
  );
}

function tabIndent(source: SourceFile, fault: SyntaxFault, line: number): Diagnostic | undefined {
  for (const candidate of [line, line + 1]) {
    const tab = /^ *\t/u.exec(source.line(candidate));
    if (tab === null) continue;
    if (candidate !== line && fault.code !== 'BAD_INDENT') continue;
    const start = lineStart(source, candidate) + tab[0].length - 1;
    return errorAt(
      'E-Y10',
      { source, start, end: start + 1 },
      'a tab is used for indentation',
      'use spaces',
    );
  }
  return undefined;
}

function severalDocuments(source: SourceFile, fault: SyntaxFault): Diagnostic | undefined {
  if (fault.code !== 'MULTIPLE_DOCS') return undefined;
  const marker = /^(?:---|\.\.\.)/mu.exec(source.text.slice(fault.start));
  const start = fault.start + (marker?.index ?? 0);
  return errorAt(
    'E-Y13',
    { source, start, end: start + (marker?.[0].length ?? 1) },
    'a second document starts here; a file holds one',
    'remove the line, or move what follows into a file of its own',
  );
}

function openQuote(
  source: SourceFile,
  fault: SyntaxFault,
  clues: TokenClues,
): Diagnostic | undefined {
  const quote = clues.openQuotes.find(({ end }) => fault.end >= end);
  if (quote === undefined) return undefined;
  const { start } = quote;
  return errorAt(
    'E-Y11',
    { source, start, end: start + 1 },
    `the quote ${source.text.charAt(start)} is not closed`,
    'close it at the end of the text',
  );
}

function openBracket(
  source: SourceFile,
  fault: SyntaxFault,
  clues: TokenClues,
): Diagnostic | undefined {
  const start = clues.openBrackets.at(-1);
  if (start === undefined || !/flow/iu.test(fault.message)) return undefined;
  const open = source.text.charAt(start);
  return errorAt(
    'E-Y11',
    { source, start, end: start + 1 },
    `the bracket ${open} is not closed`,
    `close it with ${open === '[' ? ']' : '}'}`,
  );
}

/** Values that mean something else to YAML because they are not in quotes. */
function unquoted(source: SourceFile, fault: SyntaxFault, line: number): Diagnostic | undefined {
  const text = source.line(line);
  const match = VALUE_START.exec(text);
  const value = match?.[2];
  if (match?.[1] === undefined || value === undefined) return undefined;
  const start = lineStart(source, line) + match[1].length;
  const span: Span = { source, start, end: start + value.trimEnd().length };
  if (value.startsWith('{{')) return unquotedTemplate(span);
  if (fault.code === 'BAD_SCALAR_START' || value.startsWith('*')) {
    return specialStart(span, value.charAt(0));
  }
  const colon = /^[^'"|>{[].*?(:)\s/u.exec(value);
  if (fault.code !== 'BLOCK_AS_IMPLICIT_KEY' || colon === null) return undefined;
  const at = start + colon[0].length - 2;
  return errorAt(
    'E-Y22',
    { source, start: at, end: at + 1 },
    'a text without quotes contains ": ", which starts a mapping',
    QUOTE_IT,
  );
}

/** The template at the start of a value that YAML read as a mapping. */
export const unquotedTemplate = (span: Span): Diagnostic =>
  errorAt(
    'E-Y21',
    span,
    'a text that starts with {{ must be in quotes, or YAML reads it as a mapping',
    'put quotes around the text: "{{…}}"',
  );

/** A value whose first character is one of YAML's own. */
export const specialStart = (span: Span, char: string): Diagnostic =>
  errorAt('E-Y23', span, `a text without quotes starts with ${char}`, QUOTE_IT);

/** What is wrong, and what to do about it. */
function plainWords({ code, message }: SyntaxFault): [message: string, help: string] {
  const told = `${message.charAt(0).toLowerCase()}${message.slice(1)}`;
  switch (code) {
    case 'BAD_DQ_ESCAPE':
      return [
        `${told} in a text in double quotes`,
        'write the backslash twice, or put the text in single quotes',
      ];
    case 'MULTILINE_IMPLICIT_KEY':
      return [
        'the line is neither "key: value" nor part of the text before it',
        'add ": " after its key, or write the text as a block: "|" after its key, its lines indented',
      ];
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'BAD_INDENT':
      return [
        'the indentation does not fit the lines before it',
        'start it in the same column as the keys beside it; two spaces for each level',
      ];
    case 'MISSING_CHAR':
      return ['the line has no ":" after its key', 'write it as "key: value"'];
    case 'UNEXPECTED_TOKEN':
      return [
        'this does not belong here; the value before it has already ended',
        'move it to a line of its own, or put the whole value in quotes',
      ];
    default:
      return [`not valid YAML: ${told}`, 'put quotes around texts with special characters'];
  }
}

/** The fault's stretch, kept to one visible line. */
function visible(source: SourceFile, { start, end }: SyntaxFault): Span {
  let from = start + (/^\s*/u.exec(source.text.slice(start))?.[0].length ?? 0);
  if (from >= source.text.length) from = source.text.trimEnd().length - 1;
  from = Math.max(0, from);
  return { source, start: from, end: Math.max(end, from + 1) };
}

const lineStart = (source: SourceFile, line: number): number => {
  let offset = 0;
  for (let n = 1; n < line; n++) offset = source.text.indexOf('\n', offset) + 1;
  return offset;
};
