import { isAbsolute } from 'node:path';
import { fail, ok, type Result } from '../base/result.ts';
import type { SourceFile } from '../base/source-file.ts';
import { errorInFile, type Diagnostic } from '../diagnostics/diagnostic.ts';
import type { MoneyOverrides } from './check-money.ts';
import { findSecrets } from './check-secrets.ts';
import { readYaml } from './parse.ts';
import type { Pipeline } from './pipeline.ts';
import type { Project } from './project-file.ts';
import { PIPELINE_FILE_BYTES, type ProjectFiles } from './project-files.ts';
import { readText } from './read-text.ts';
import { Resolution } from './resolution.ts';
import type { SqlCondition, SqlTables } from './resolve-sql.ts';
import { resolvePipeline } from './resolve.ts';
import { validatePipeline } from './validate.ts';

export interface LoadOptions {
  readonly files: ProjectFiles;
  readonly project: Project;
  /** Values of `--param`, by name, as they were typed. */
  readonly params: Readonly<Record<string, string>>;
  /** Only called when the pipeline has SQL steps. */
  readonly sqlTables: SqlTables;
  /** Reads `where` and `every_row` before anything runs; without it they are read when they run. */
  readonly sqlCondition?: SqlCondition;
  readonly money?: MoneyOverrides;
}

interface LoadedPipeline {
  readonly pipeline: Pipeline;
  readonly warnings: readonly Diagnostic[];
}

/** Reads a pipeline file. All the ways it can be wrong come back as diagnostics. */
export async function loadPipeline(
  path: string,
  options: LoadOptions,
): Promise<Result<LoadedPipeline, readonly Diagnostic[]>> {
  const file = await options.files.read(path, { maxBytes: PIPELINE_FILE_BYTES });
  if (!file.ok) {
    const { code, message, help } = file.error;
    return fail([errorInFile(code, { path }, message, help)]);
  }
  // Shown as it was typed, so that it can be clicked; an absolute path says nothing new.
  const shown = isAbsolute(path) ? file.value.shownPath : path;
  const source = readText(shown, file.value.bytes);
  if (!source.ok) return source;
  return compilePipeline(source.value, options, file.value.path);
}

/**
 * Text to pipeline in stages (YAML, shape, meaning). Each goes on with what the one before it found
 * sound, so that all mistakes of a file are told together. `path` is where the file is, absolute;
 * its own paths start there.
 */
export async function compilePipeline(
  source: SourceFile,
  options: LoadOptions,
  path: string = `${options.files.root}/${source.path}`,
): Promise<Result<LoadedPipeline, readonly Diagnostic[]>> {
  const { problems, document } = readYaml(source);
  if (document === undefined) return fail(inFileOrder(problems));
  const found = new Found(problems);
  const shape = await validatePipeline(document);
  found.add([...findSecrets(document), ...shape.problems]);
  if (shape.sound === undefined) return fail(inFileOrder(found.all));
  const { files, project, params, sqlTables, sqlCondition, money } = options;
  const at = new Resolution(shape.sound, document, { files, project, from: path });
  const pipeline = await resolvePipeline(at, { params, sqlTables, sqlCondition, money });
  if (!pipeline.ok) found.add(pipeline.error);
  if (!pipeline.ok || found.all.length > 0) return fail(inFileOrder(found.all));
  const warnings = inFileOrder([...document.warnings, ...at.warnings]);
  return ok({ pipeline: pipeline.value, warnings });
}

/** Mistakes of one stage after the other. Where one was found, a later stage has nothing to add. */
class Found {
  readonly all: Diagnostic[];

  constructor(first: readonly Diagnostic[]) {
    this.all = [...first];
  }

  add(later: readonly Diagnostic[]): void {
    const earlier = [...this.all];
    this.all.push(...later.filter((it) => !earlier.some((other) => overlap(it, other))));
  }
}

function overlap({ place: a }: Diagnostic, { place: b }: Diagnostic): boolean {
  if (a.kind !== 'span' || b.kind !== 'span' || a.span.source !== b.span.source) return false;
  return a.span.start < b.span.end && b.span.start < a.span.end;
}

/** The order of the text, so that a reader goes through the file once; other places come after. */
function inFileOrder(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const rank = ({ place }: Diagnostic): [string, number] =>
    place.kind === 'span' ? [place.span.source.path, place.span.start] : ['\uffff', 0];
  const own = (d: Diagnostic): boolean => d.place.kind === 'span';
  return diagnostics.toSorted((a, b) => {
    if (!own(a) || !own(b)) return Number(own(b)) - Number(own(a));
    const [pathA, startA] = rank(a);
    const [pathB, startB] = rank(b);
    return pathA === pathB ? startA - startB : pathA < pathB ? -1 : 1;
  });
}
