import type { DiagnosticCode } from '../diagnostics/codes.ts';

/** What is wrong with an output schema, or odd about it. */
export interface SchemaProblem {
  readonly code: DiagnosticCode;
  /** JSON pointer (RFC 6901) into the schema; empty for its root. */
  readonly pointer: string;
  /** One phrase without a final full stop. */
  readonly message: string;
  readonly hint: string;
  /** With a warning the schema can still be used. */
  readonly severity: 'error' | 'warning';
}

/** Where a structured output differs from its schema. */
export interface Violation {
  /** Into the output; for a missing property it ends with the name of that property. */
  readonly path: readonly (string | number)[];
  readonly keyword: string;
  /** Goes on after the path: "should be text, is a number". */
  readonly message: string;
}
