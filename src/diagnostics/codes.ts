import type { CodeEntry } from './code-entry.ts';
import { ROW_CODES, SCHEMA_CODES, TEMPLATE_CODES } from './content-codes.ts';
import { PIPELINE_CODES, YAML_CODES } from './file-codes.ts';

export type { CodeEntry };

/**
 * Every code a diagnostic can carry. Codes are stable: scripts and people look for them, so a code
 * is never reused for something else. The letter names the family, the number the case.
 */
export const DIAGNOSTIC_CODES: Readonly<
  Record<
    | keyof typeof YAML_CODES
    | keyof typeof PIPELINE_CODES
    | keyof typeof TEMPLATE_CODES
    | keyof typeof SCHEMA_CODES
    | keyof typeof ROW_CODES,
    CodeEntry
  >
> = {
  ...YAML_CODES,
  ...PIPELINE_CODES,
  ...TEMPLATE_CODES,
  ...SCHEMA_CODES,
  ...ROW_CODES,
};

export type DiagnosticCode = keyof typeof DIAGNOSTIC_CODES;
