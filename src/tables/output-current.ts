import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { StepState, Store } from '../store/store.ts';
import { stampOf } from './output-stamp.ts';
import type { OutputSummary } from './write-outputs.ts';

/** Where the outputs of a pipeline are, and the note of what they were made from. */
export interface OutputPlace {
  readonly outFolder: string;
  readonly pipeline: string;
  /** Folder of the notes, one a pipeline. Without a note the outputs are made anew. */
  readonly noteFolder: string;
}

/** What the outputs of a pipeline are made from. */
export interface OutputSource {
  readonly states: readonly StepState[];
  /** Entries of the ledger that are in them, of all pipelines. */
  readonly entries: number;
}

/** To be had before the outputs are written. */
export const outputSource = async (store: Store, pipeline: string): Promise<OutputSource> => ({
  // First, so that nothing is taken for written that came between.
  entries: await store.ledgerLength(),
  states: await store.stepStates(pipeline),
});

interface Note {
  readonly stamps: Readonly<Record<string, string>>;
  readonly entries: number;
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly at: number }[];
  readonly tables: readonly TableSize[];
}

interface TableSize {
  readonly name: string;
  readonly rows: number;
}

/**
 * The tables in place, when they are the ones that would be written; else undefined. Looks at the note and at the
 * files' sizes and times only, so that a rerun with nothing to do needs no database; and at what the ledger has got since, which
 * is noted, so that it is read once.
 */
export async function currentOutputs(
  place: OutputPlace,
  { states, entries }: OutputSource,
  store: Store,
): Promise<readonly TableSize[] | undefined> {
  const note = await readNote(place);
  if (note === undefined || JSON.stringify(note.stamps) !== JSON.stringify(stampsOf(states))) {
    return undefined;
  }
  for (const { path, bytes, at } of note.files) {
    const found = await stat(path).catch(() => undefined);
    if (found?.size !== bytes || found.mtimeMs !== at) return undefined;
  }
  if (note.entries === entries) return note.tables;
  // A note of an older program has none; one of more entries is of another state.
  if (!(note.entries < entries)) return undefined;
  if (await concerns(place.pipeline, note.entries, store)) return undefined;
  // Where it cannot be noted, the next run reads them again.
  await writeNote(place, { ...note, entries }).catch(() => undefined);
  return note.tables;
}

/** Notes what was written, if all of it was. */
export async function noteOutputs(
  place: OutputPlace,
  { states, entries }: OutputSource,
  summary: OutputSummary,
): Promise<void> {
  if (summary.problems.length > 0 || summary.database.status !== 'written') return;
  const paths = [...summary.tables.map(({ path }) => path), summary.database.path];
  const files: { path: string; bytes: number; at: number }[] = [];
  for (const path of paths) {
    const { size, mtimeMs } = await stat(path);
    files.push({ path, bytes: size, at: mtimeMs });
  }
  const tables = summary.tables.map(({ name, rows }) => ({ name, rows }));
  await writeNote(place, { stamps: stampsOf(states), entries, files, tables });
}

/**
 * Whether the ledger has anything after the first `after` entries that the pipeline's tables may
 * show. An end or a cost of what was begun before may be of an agent run that they share with another pipeline.
 */
async function concerns(pipeline: string, after: number, store: Store): Promise<boolean> {
  const others = new Set<string>();
  for await (const entries of store.ledger(after)) {
    for (const entry of entries) {
      if (entry.type === 'attempt-intended' && entry.pipeline !== pipeline) {
        others.add(entry.attempt);
      } else if (!others.has(entry.attempt)) return true;
    }
  }
  return false;
}

async function writeNote(place: OutputPlace, note: Note): Promise<void> {
  const path = notePath(place);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, JSON.stringify(note));
  await rename(`${path}.new`, path);
}

const notePath = ({ noteFolder, pipeline }: OutputPlace): string =>
  join(noteFolder, `${pipeline}.json`);

async function readNote(place: OutputPlace): Promise<Note | undefined> {
  try {
    return JSON.parse(await readFile(notePath(place), 'utf8')) as Note;
  } catch {
    return undefined;
  }
}

const stampsOf = (states: readonly StepState[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...states]
      .sort((a, b) => (a.step < b.step ? -1 : 1))
      .map((state) => [state.step, `${stampOf(state)} ${state.version}`]),
  );
