import type { Span } from '../base/source-file.ts';
import type { Diagnostic, Place } from './diagnostic.ts';
import { hideSecrets } from './secret-text.ts';

/** Columns of a shown line; a longer one is cut to a window around what is wrong. */
const WINDOW = 88;
const BEFORE = 30;

/** Renders for a person: what, where, the line itself, and what to do. No colour, no line end. */
export function renderDiagnostic(diagnostic: Diagnostic): string {
  const { severity, code, message, place, notes = [], help } = diagnostic;
  return [
    `${severity}[${code}]: ${clean(shorten(message))}`,
    ...renderPlace(place),
    ...notes.flatMap((note) => [`note: ${clean(note.message)}`, ...renderPlace(note.place)]),
    `help: ${clean(shorten(help))}`,
  ].join('\n');
}

/** Where the place is, in one line: `path:line:column`. */
function renderPosition(place: Place): string {
  switch (place.kind) {
    case 'span': {
      const { line, column } = place.span.source.position(place.span.start);
      return clean(`${place.span.source.path}:${line}:${column}`);
    }
    case 'file': {
      const { path, line, column } = place;
      return clean([path, line, column].filter((part) => part !== undefined).join(':'));
    }
    case 'argument':
      return clean(place.argument);
  }
}

function renderPlace(place: Place): string[] {
  if (place.kind === 'span') return renderSnippet(place.span);
  return [`  --> ${renderPosition(place)}`];
}

function renderSnippet(span: Span): string[] {
  const { source, start, end } = span;
  const { line, column } = source.position(start);
  const gutter = ' '.repeat(String(line).length);
  const arrow = `${gutter}--> ${renderPosition({ kind: 'span', span })}`;
  const whole = source.line(line).replace(/\r$/u, '');
  if (whole.trim() === '') return [arrow];
  const from = whole.length <= WINDOW ? 0 : Math.max(0, column - 1 - BEFORE);
  const cut = whole.slice(from, from + WINDOW);
  const text = `${from > 0 ? '…' : ''}${clean(cut)}${from + WINDOW < whole.length ? '…' : ''}`;
  const indent = column - 1 - from + (from > 0 ? 1 : 0);
  const width = Math.max(1, Math.min(end - start, cut.length - (column - 1 - from)));
  return [
    arrow,
    `${gutter} |`,
    `${line} | ${text}`.trimEnd(),
    `${gutter} | ${' '.repeat(indent)}${'^'.repeat(width)}`,
  ];
}

/** A message that quotes a file can be as long as the file. */
const shorten = (text: string): string => (text.length > 600 ? `${text.slice(0, 599)}…` : text);

/**
 * Text of a file made safe for a terminal, character by character: control characters, escapes and
 * marks that turn the direction of text become `·`, tabs a space, and secrets stars.
 */
function clean(text: string): string {
  return hideSecrets(text)
    .replaceAll('\t', ' ')
    .replace(/[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '·');
}
