import type { Diagnostic, LineText, Place } from './diagnostic.ts';
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
  const position = renderPosition(place);
  const shown = shownLine(place);
  return shown === undefined ? [`  --> ${position}`] : renderSnippet(position, shown);
}

/** A line to show, with what is wrong in it. */
interface ShownLine extends LineText {
  readonly line: number;
  /** Characters of the line before what is wrong. */
  readonly at: number;
  readonly width: number;
}

function shownLine(place: Place): ShownLine | undefined {
  if (place.kind === 'span') {
    const { source, start, end } = place.span;
    const { line, column } = source.position(start);
    const text = source.line(line).replace(/\r$/u, '');
    return { text, from: 0, goesOn: false, line, at: column - 1, width: end - start };
  }
  if (place.kind === 'argument' || place.line === undefined || place.text === undefined) {
    return undefined;
  }
  const { line, column, text: piece } = place;
  if (column !== undefined) return { ...piece, line, at: column - 1, width: 1 };
  const { text } = piece;
  return { ...piece, line, at: text.length - text.trimStart().length, width: text.trim().length };
}

function renderSnippet(position: string, shown: ShownLine): string[] {
  const { line, width, from, goesOn } = shown;
  const gutter = ' '.repeat(String(line).length);
  const arrow = `${gutter}--> ${position}`;
  if (shown.text.trim() === '') return [arrow];
  // Before it is cut: of half a secret nobody could tell that it is one.
  const text = hideSecrets(shown.text);
  const at = shown.at - from;
  const wanted = text.length <= WINDOW ? 0 : Math.max(0, at - BEFORE);
  const begin = wanted + (isSecondHalf(text, wanted) ? 1 : 0);
  const end = begin + WINDOW;
  const cut = text.slice(begin, end - (isSecondHalf(text, end) ? 1 : 0));
  const isCut = begin + from > 0;
  const ending = goesOn || end < text.length ? '…' : '';
  const indent = at - begin + (isCut ? 1 : 0);
  const carets = Math.max(1, Math.min(width, cut.length - (at - begin)));
  return [
    arrow,
    `${gutter} |`,
    `${line} | ${isCut ? '…' : ''}${clean(cut)}${ending}`.trimEnd(),
    `${gutter} | ${' '.repeat(indent)}${'^'.repeat(carets)}`,
  ];
}

/** Whether a character of two UTF-16 units would be cut in two there. */
const isSecondHalf = (text: string, at: number): boolean => /^[\udc00-\udfff]/.test(text[at] ?? '');

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
