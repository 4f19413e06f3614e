import type { Json, JsonObject } from '../base/json.ts';
import type { DiagnosticCode } from '../diagnostics/codes.ts';
import type { TextSpan } from './template-parse.ts';

/** What is wrong with a template itself. Offsets count in the template's own text. */
export interface TemplateProblem {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly start: number;
  readonly end: number;
  readonly hint: string;
}

/** A variable that a template reads. */
export interface TemplateName {
  /** From the root; `*` stands for each element of a list: `['rows', '*', 'domain']`. */
  readonly path: readonly string[];
  readonly start: number;
  readonly end: number;
  /** A null or empty value is expected here: a condition, a `default`, or under `{{#if}}` of it. */
  readonly guarded: boolean;
}

/**
 * Columns that the tables are known to have, as paths: `row.round`, `rows.*.round`. A record that
 * leaves one out has no value for it; any other name that is missing is a mistake.
 */
export type KnownColumns = ReadonlySet<string>;

/** The values a template is rendered with. A part that the step has not got is left out. */
export interface TemplateScope {
  readonly params: JsonObject;
  readonly row?: JsonObject;
  readonly rows?: readonly JsonObject[];
  readonly steps?: Readonly<Record<string, readonly JsonObject[]>>;
  /** `date` is the day of the run in UTC, `YYYY-MM-DD`. */
  readonly run: { readonly date: string };
}

/** Why no text came of a template for these values. */
export interface RenderProblem {
  readonly code: DiagnosticCode;
  readonly message: string;
  /** The variable it is about, as `row.company` or `rows[3].name`; empty for the whole text. */
  readonly name: string;
  readonly hint: string;
  /** The tag that it is about, or the whole text. Offsets count in the template's own text. */
  readonly start: number;
  readonly end: number;
}

/** One round of a loop. */
export interface Frame {
  element: Json;
  index: number;
  last: boolean;
  readonly outer: Frame | undefined;
}

/** One rendering under way. The first problem ends it. */
export interface RenderState {
  readonly scope: TemplateScope;
  readonly known: KnownColumns | undefined;
  frame: Frame | undefined;
  out: string;
  /** Of the tag that is being written. */
  at: TextSpan;
  /** Rounds of loops so far: bounds the work, also where a loop writes nothing. */
  rounds: number;
  problem: RenderProblem | undefined;
}

/** Appends to the text, or sets the problem. */
export type Write = (state: RenderState) => void;

/** A value; undefined once the problem is set. */
export type Read = (state: RenderState) => Json | undefined;
