import type { OutputSchema } from '../agent/output-schema.ts';
import type { Span } from '../base/source-file.ts';
import type { DiagnosticCode } from '../diagnostics/codes.ts';
import { errorAt, warningAt, type Diagnostic } from '../diagnostics/diagnostic.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { ParsedDocument, Path } from './parsed-document.ts';
import type { RecordsAt, Source, TableRef } from './pipeline.ts';
import type { Project } from './project-file.ts';
import type { ProjectFiles } from './project-files.ts';
import type { BrokenParts, SoundPart } from './sound-part.ts';
import type { PipelineSpec } from './spec.ts';

/** What a step's records look like. */
export interface StepSchema {
  /** Undefined for a step without a schema: its one record is `{ text }`. */
  readonly schema: OutputSchema | undefined;
  readonly records: RecordsAt;
  /** Names of the columns, where the schema tells them. */
  readonly columns: readonly string[] | undefined;
  /** Lists of contact values without an end: what is wrong with them depends on who answers. */
  readonly endless: readonly Diagnostic[];
}

/** What resolving the names of one pipeline works on and collects. */
export class Resolution {
  readonly spec: PipelineSpec;
  readonly document: ParsedDocument;
  readonly files: ProjectFiles;
  readonly project: Project;
  readonly #broken: BrokenParts;
  /** Absolute path of the pipeline file: where its paths start. */
  readonly from: string;
  readonly sources: Map<string, Source> = new Map();
  readonly schemas: Map<string, StepSchema> = new Map();
  readonly problems: Diagnostic[] = [];
  readonly warnings: Diagnostic[] = [];
  /** Names of sources and parameters that something reads. */
  readonly used: Set<string> = new Set();
  /** Settings of the whole pipeline that were reported once and hold for many steps. */
  readonly reported: Set<string> = new Set();

  constructor(
    { spec, broken }: SoundPart,
    document: ParsedDocument,
    surroundings: { files: ProjectFiles; project: Project; from: string },
  ) {
    this.spec = spec;
    this.#broken = broken;
    this.document = document;
    this.files = surroundings.files;
    this.project = surroundings.project;
    this.from = surroundings.from;
  }

  /** Whether a part has a mistake that was reported: what it should say is not known. */
  isBroken(...path: Path): boolean {
    return this.#broken.has(path);
  }

  /** Like {@link isBroken}, of keys of a step; the whole step may be broken too. */
  isStepBroken(step: string, ...keys: readonly string[]): boolean {
    return this.isBroken('steps', step) || keys.some((key) => this.isBroken('steps', step, key));
  }

  error(code: DiagnosticCode, path: Path, message: string, help: string): void {
    this.problems.push(errorAt(code, this.document.locate(path), message, help));
  }

  errorAt(code: DiagnosticCode, span: Span, message: string, help: string): void {
    this.problems.push(errorAt(code, span, message, help));
  }

  warn(code: DiagnosticCode, span: Span, message: string, help: string): void {
    this.warnings.push(warningAt(code, span, message, help));
  }

  /** The source or step of a name; reports one that does not exist. */
  table(name: string, span: Span): TableRef | undefined {
    const source = this.sources.get(name);
    if (source !== undefined) {
      this.used.add(`source ${name}`);
      return { kind: 'source', source };
    }
    if (Object.hasOwn(this.spec.steps, name)) return { kind: 'step', step: name };
    // A source with a mistake of its own was reported already; so was a name with large letters.
    if (this.isBroken('sources') || this.tableNames().some((it) => it.toLowerCase() === name)) {
      this.used.add(`source ${name}`);
      return undefined;
    }
    this.errorAt(
      'E-Y37',
      span,
      `there is no source or step "${name}"`,
      didYouMean(name, this.tableNames(), 'sources and steps'),
    );
    return undefined;
  }

  /** Sources and steps in the order of the file. */
  tableNames(): string[] {
    return [...Object.keys(this.spec.sources ?? {}), ...Object.keys(this.spec.steps)];
  }

  /** The columns of a table where they are known before any row is read. */
  columnsOf(table: TableRef): readonly string[] | undefined {
    return table.kind === 'step' ? this.schemas.get(table.step)?.columns : undefined;
  }

  /** Reports columns that a table is known not to have. */
  checkColumns(
    wanted: readonly string[],
    known: readonly string[] | undefined,
    place: (index: number) => Span,
    of: string,
  ): void {
    if (known === undefined) return;
    for (const [i, column] of wanted.entries()) {
      if (known.includes(column) || TABLE_COLUMNS.has(column)) continue;
      this.errorAt('E-P05', place(i), `${of} has no column "${column}"`, columnHint(column, known));
    }
  }
}

/** Columns that every step's table has besides those of its records. */
export const TABLE_COLUMNS: ReadonlySet<string> = new Set([
  '_key',
  '_parent_key',
  '_agent_run_id',
  '_answered_at',
  '_confidence',
]);

/** The nearest column and the list of all. */
export function columnHint(column: string, known: readonly string[]): string {
  const list = didYouMean('', known, 'columns');
  const near = didYouMean(column, known, 'columns');
  return near === list ? list : `${near} ${list}`;
}
