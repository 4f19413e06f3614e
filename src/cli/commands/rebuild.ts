import { noteOutputs } from '../../tables/output-current.ts';
import { writeOutputs } from '../../tables/write-outputs.ts';
import { EXIT, type ExitCode, type Io } from '../io.ts';
import { layoutOf } from '../layout.ts';
import { openProject, tellDiagnostics } from '../open-pipeline.ts';
import { openStore } from '../open-store.ts';
import type { CommonOptions } from '../options.ts';
import { textTable } from '../text-table.ts';

/** Writes the tables of the named pipelines, or of all, from the state alone. Asks nobody. */
export async function rebuild(
  names: readonly string[],
  options: CommonOptions,
  io: Io,
): Promise<ExitCode> {
  const project = await openProject(io);
  if (!project.ok) {
    tellDiagnostics(project.error, options.json === true, io);
    return EXIT.usage;
  }
  const { root } = project.value;
  const state = await openStore(root, 'read', io);
  if (!state.ok) return state.exit;
  try {
    const known = await state.store.pipelines();
    const unknown = names.find((name) => !known.includes(name));
    if (unknown !== undefined || known.length === 0) {
      const has = known.length === 0 ? 'nothing yet' : known.join(', ');
      io.error(`There is nothing of "${unknown ?? 'any pipeline'}" in the state; it has ${has}.\n`);
      return EXIT.usage;
    }
    const layout = layoutOf(root);
    const written = [];
    for (const pipeline of names.length > 0 ? names : known) {
      const place = { outFolder: layout.out, pipeline, noteFolder: layout.notes };
      const summary = await writeOutputs({
        store: state.store,
        ...place,
        scratchFolder: layout.scratch,
        now: io.clock.now(),
        skipUnchanged: false,
      });
      await noteOutputs(place, await state.store.stepStates(pipeline), summary);
      written.push({ pipeline, ...summary });
    }
    return tell(written, options, io);
  } finally {
    await state.store.close();
  }
}

type Written = Awaited<ReturnType<typeof writeOutputs>> & { readonly pipeline: string };

function tell(written: readonly Written[], options: CommonOptions, io: Io): ExitCode {
  const problems = written.flatMap((it) => it.problems);
  if (options.json === true) {
    io.out(`${JSON.stringify(written, null, 2)}\n`);
  } else {
    for (const { pipeline, tables } of written) {
      const columns = [
        { title: 'table' },
        { title: 'rows', align: 'right' },
        { title: 'bytes', align: 'right' },
      ] as const;
      const rows = tables.map(({ name, rows: count, bytes }) => [
        name,
        String(count),
        String(bytes),
      ]);
      io.out(`${pipeline}   rebuilt from the state\n\n${textTable(columns, rows).join('\n')}\n\n`);
    }
  }
  for (const { path, message } of problems) io.error(`${path}: ${message}\n`);
  return problems.length > 0 ? EXIT.recordsFailed : EXIT.done;
}
