import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { fromDollars } from '../base/money.ts';
import { fail, ok, type Result } from '../base/result.ts';
import type { Step } from '../pipeline/pipeline.ts';
import type { FileSourceReader } from '../tables/source-reader.ts';
import { checkSources } from './check-sources.ts';
import { EXIT, type ExitCode, type Io } from './io.ts';
import { openPipeline, type OpenPipeline } from './open-pipeline.ts';
import type { RunOptions } from './options.ts';
import { chosenSteps, withAgent } from './run-session.ts';
import { tellDiagnostics, tellProblem } from './tell.ts';

/** A pipeline in which nothing was found that keeps it from running. */
export interface PreparedRun {
  readonly opened: OpenPipeline;
  readonly steps: readonly Step[];
  readonly sources: FileSourceReader;
  /** Told already, unless the output is JSON. */
  readonly warnings: readonly Diagnostic[];
}

/** What `plan` and `run` do first. What is wrong is told; the error is the exit code. */
export async function prepareRun(
  path: string,
  options: RunOptions,
  io: Io,
): Promise<Result<PreparedRun, ExitCode>> {
  const json = options.json === true;
  const { maxCost, agent } = options;
  const loaded = await openPipeline(path, options.param, io, {
    ...(maxCost === undefined ? {} : { maxCost: fromDollars(maxCost) }),
    ...(agent === undefined ? {} : { agent }),
  });
  if (!loaded.ok) {
    tellDiagnostics(loaded.error, json, io);
    return fail(EXIT.usage);
  }
  const opened = { ...loaded.value, pipeline: withAgent(loaded.value.pipeline, options.agent) };
  const chosen = chosenSteps(opened, options);
  if (!chosen.ok) return fail(tellProblem(chosen.error, EXIT.usage, json, io));
  const sources = await checkSources(opened.pipeline, chosen.value, options);
  const warnings = [...opened.warnings, ...sources.warnings];
  if (!json || sources.errors.length > 0) {
    tellDiagnostics([...warnings, ...sources.errors], json, io);
  }
  if (sources.errors.length > 0) return fail(EXIT.usage);
  return ok({ opened, steps: chosen.value, sources: sources.reader, warnings });
}
