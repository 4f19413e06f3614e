import type { Span } from '../base/source-file.ts';
import type { DiagnosticCode } from './codes.ts';

/** Something the user should know about what they wrote, and where it is. */
export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: 'error' | 'warning';
  /** One phrase, no final full stop. It must make sense when it is the only thing shown. */
  readonly message: string;
  readonly place: Place;
  readonly notes?: readonly Note[];
  /** What to do about it, as an instruction that says more than the message. No final full stop. */
  readonly help: string;
}

/** A second place that explains the first, such as the other end of a cycle. */
export interface Note {
  readonly message: string;
  readonly place: Place;
}

export type Place =
  /** A stretch of a text that is at hand: the narrowest one that is wrong. */
  | { readonly kind: 'span'; readonly span: Span }
  /** A file whose text is not kept, such as data. Line and column count from 1. */
  | {
      readonly kind: 'file';
      /** As the user wrote it. */
      readonly path: string;
      readonly line?: number;
      readonly column?: number;
      /** The line itself, where it is at hand. */
      readonly text?: LineText;
    }
  /** An argument of the command line, such as `--param region=EU`. */
  | { readonly kind: 'argument'; readonly argument: string };

/** A line of a file, or the part of a long one around the place. */
export interface LineText {
  readonly text: string;
  /** Characters of the line before it. */
  readonly from: number;
  /** The line goes on after it. */
  readonly goesOn: boolean;
}

/** An error at a stretch of text: the usual diagnostic. */
export const errorAt = (
  code: DiagnosticCode,
  span: Span,
  message: string,
  help: string,
): Diagnostic => ({
  code,
  severity: 'error',
  message,
  place: { kind: 'span', span },
  help,
});

/** Like {@link errorAt}, for what does not keep the pipeline from running. */
export const warningAt = (
  code: DiagnosticCode,
  span: Span,
  message: string,
  help: string,
): Diagnostic => ({ ...errorAt(code, span, message, help), severity: 'warning' });

/** An error in a file whose text is not kept, such as a row of a CSV file. */
export const errorInFile = (
  code: DiagnosticCode,
  file: { readonly path: string; readonly line?: number; readonly column?: number },
  message: string,
  help: string,
): Diagnostic => ({
  code,
  severity: 'error',
  message,
  place: { kind: 'file', ...file },
  help,
});
