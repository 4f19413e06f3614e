import { join, relative } from 'node:path';
import { errorInFile, type Diagnostic } from '../../diagnostics/diagnostic.ts';
import { diagnosticJson } from '../../diagnostics/render-json.ts';
import { EXIT, type ExitCode, type Io } from '../io.ts';
import { openPipeline, type OpenPipeline } from '../open-pipeline.ts';
import type { CommonOptions } from '../options.ts';
import { pipelineFiles, projectRoot } from '../project-root.ts';
import { countDiagnostics, tellDiagnostics, tellProblem } from '../tell.ts';

/** Checks pipeline files, all of `pipelines/` where none is named. Opens no connection. */
export async function validate(
  files: readonly string[],
  options: CommonOptions,
  io: Io,
): Promise<ExitCode> {
  const paths = files.length > 0 ? files : await allPipelines(io);
  if (paths.length === 0) {
    const message = 'There is no pipeline: no file was named and pipelines/ has none.';
    return tellProblem(message, EXIT.usage, options.json === true, io);
  }
  const found: Diagnostic[] = [];
  const checked: { file: string; steps: readonly string[] }[] = [];
  const names = new Map<string, string>();
  let broken = 0;
  for (const path of paths) {
    const opened = await openPipeline(path, options.param, io);
    const clash = opened.ok ? nameTaken(opened.value, names) : [];
    const diagnostics = opened.ok ? [...clash, ...opened.value.warnings] : opened.error;
    found.push(...diagnostics);
    if (!opened.ok || clash.length > 0) broken++;
    else {
      const steps = opened.value.pipeline.steps.map(({ name }) => name);
      checked.push({ file: opened.value.path, steps });
    }
    if (options.json !== true) tellDiagnostics(diagnostics, false, io);
  }
  if (options.json === true) {
    const diagnostics = found.map(diagnosticJson);
    io.out(`${JSON.stringify({ ok: broken === 0, pipelines: checked, diagnostics }, null, 2)}\n`);
  } else tell(checked, found, broken, paths.length, io);
  return broken > 0 ? EXIT.usage : EXIT.done;
}

/** Two pipelines of one name would write the same files. */
function nameTaken(
  { pipeline, path }: OpenPipeline,
  names: Map<string, string>,
): readonly Diagnostic[] {
  const first = names.get(pipeline.name);
  if (first === undefined) names.set(pipeline.name, path);
  if (first === undefined || first === path) return [];
  const message = `its name "${pipeline.name}" is that of ${first} too, and both write out/${pipeline.name}`;
  return [errorInFile('E-Y45', { path }, message, 'give one of them another "name"')];
}

function tell(
  checked: readonly { readonly file: string; readonly steps: readonly string[] }[],
  found: readonly Diagnostic[],
  broken: number,
  files: number,
  io: Io,
): void {
  for (const { file, steps } of checked) {
    const count = `${steps.length} ${steps.length === 1 ? 'step' : 'steps'}`;
    io.out(`ok  ${file}  ${count}: ${steps.join(', ')}\n`);
  }
  if (found.length === 0) return;
  const count = countDiagnostics(found);
  if (broken === 0) {
    io.error(`${count}.\n`);
    return;
  }
  const of = `${broken} of ${files} ${files === 1 ? 'file' : 'files'}`;
  io.error(`${count}; ${of} cannot run. Nothing was run.\n`);
}

async function allPipelines(io: Io): Promise<readonly string[]> {
  const root = await projectRoot(io.cwd);
  const files = await pipelineFiles(root);
  return files.map((file) => relative(io.cwd, join(root, file)));
}
