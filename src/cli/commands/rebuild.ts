import { noteOutputs, outputSource } from '../../tables/output-current.ts';
import { writeOutputs } from '../../tables/write-outputs.ts';
import { EXIT, type ExitCode, type Io } from '../io.ts';
import { layoutOf } from '../layout.ts';
import type { CommonOptions } from '../options.ts';
import { tellProblem } from '../tell.ts';
import { textTable } from '../text-table.ts';
import { withLock } from '../with-lock.ts';
import { withState, type ReadState } from '../with-state.ts';

/** Writes the tables of the named pipelines, or of all, from the state alone. Asks nobody. */
export async function rebuild(
  names: readonly string[],
  options: CommonOptions,
  io: Io,
): Promise<ExitCode> {
  return withState(names, options, io, (state) => {
    const { root, pipelines } = state;
    const json = options.json === true;
    if (pipelines.length === 0) {
      const message = 'There is nothing to rebuild: no pipeline has been run here yet.';
      return Promise.resolve(tellProblem(message, EXIT.usage, json, io));
    }
    // A run or another rebuild would write the same files.
    const use = { root, pipelines, work: 'rebuild', json };
    return withLock(use, io, () => rebuildAll(state, options, io));
  });
}

async function rebuildAll(
  { root, store, pipelines }: ReadState,
  options: CommonOptions,
  io: Io,
): Promise<ExitCode> {
  const layout = layoutOf(root);
  const written = [];
  for (const pipeline of pipelines) {
    const place = { outFolder: layout.out, pipeline, noteFolder: layout.notes };
    const source = await outputSource(store, pipeline);
    const summary = await writeOutputs({
      store,
      ...place,
      scratchFolder: layout.scratch,
      now: io.clock.now(),
      skipUnchanged: false,
    });
    await noteOutputs(place, source, summary);
    written.push({ pipeline, ...summary });
  }
  return tell(written, options, io);
}

type Written = Awaited<ReturnType<typeof writeOutputs>> & { readonly pipeline: string };

function tell(written: readonly Written[], options: CommonOptions, io: Io): ExitCode {
  const problems = written.flatMap(({ problems: own, database }) =>
    // Where nothing could be written at all, that is one problem.
    own.length === 0 && database.status === 'failed' ? [database] : own,
  );
  // Another program has it open and keeps what it has; all tables are there as Parquet.
  const left = written.flatMap(({ database }) => (database.status === 'held' ? [database] : []));
  if (options.json === true) {
    io.out(`${JSON.stringify(written, null, 2)}\n`);
  } else {
    const texts = written.map(({ pipeline, tables }) => {
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
      return `${pipeline}   rebuilt from the state\n\n${textTable(columns, rows).join('\n')}\n`;
    });
    io.out(texts.join('\n'));
  }
  for (const { path, message } of [...problems, ...left]) io.error(`${path}: ${message}\n`);
  return problems.length > 0 ? EXIT.recordsFailed : EXIT.done;
}
