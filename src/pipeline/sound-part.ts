import type { Json, JsonObject } from '../base/json.ts';
import { closest } from '../diagnostics/suggest.ts';
import { pointerOf, type Path } from './parsed-document.ts';
import type { PipelineSpec } from './spec.ts';

/** What does not fit the schema of a pipeline. */
export interface Misfit {
  readonly path: Path;
  /** The keys that a mapping may have, where `path` leads to one that it may not. */
  readonly known?: readonly string[];
}

/** The parts of a file that have a mistake of their own, so that nothing is said twice of them. */
export class BrokenParts {
  readonly #pointers = new Set<string>();

  add(path: Path): void {
    this.#pointers.add(pointerOf(path));
  }

  has(path: Path): boolean {
    return this.#pointers.has(pointerOf(path));
  }
}

/** What of a file can be looked at further although other parts of it are wrong. */
export interface SoundPart {
  readonly spec: PipelineSpec;
  readonly broken: BrokenParts;
}

/**
 * Takes out of a file what does not fit: a key of a step or source, a parameter, a setting of the
 * whole. What is left has the right shape; names of steps and sources stay, so that what names them
 * is not wrong as well. Undefined where nothing is left to look at.
 */
export function soundPart(value: Json, misfits: readonly Misfit[]): SoundPart | undefined {
  const broken = new BrokenParts();
  const spec = structuredClone(value) as Record<string, Json>;
  for (const { path, known } of misfits) {
    if (path.length === 0) return undefined;
    const part = partOf(path);
    broken.add(part);
    const meant = known === undefined ? undefined : closest(String(path.at(-1)), known);
    if (meant !== undefined) broken.add(partOf([...path.slice(0, -1), meant]));
    takeOut(spec, part);
  }
  // A step may be called by a key that is not known.
  for (const { path, known } of misfits) {
    if (path[0] === 'steps' && path.length === 3 && known !== undefined) {
      markKind(spec, broken, path.slice(0, 2));
    }
  }
  if (broken.has(['steps']) || !Object.hasOwn(spec, 'steps')) return undefined;
  return { spec: { name: '', ...spec } as unknown as PipelineSpec, broken };
}

/** How deep a part is that is taken out as a whole. */
const DEPTHS: Readonly<Record<string, number>> = { steps: 3, sources: 3, params: 2 };

const partOf = (path: Path): Path => path.slice(0, DEPTHS[String(path[0])] ?? 1);

/** An entry of a section stays as an empty one: its name is known. */
function takeOut(spec: Record<string, Json>, part: Path): void {
  const [section = '', entry, key] = part.map(String);
  if (entry === undefined) {
    delete spec[section];
    return;
  }
  const entries = spec[section] as Record<string, Json> | undefined;
  if (entries === undefined) return;
  if (section === 'params') delete entries[entry];
  else if (key === undefined) entries[entry] = {};
  else delete (entries[entry] as Record<string, Json> | undefined)?.[key];
}

/** Whatever the unknown key was to be, a step without "query" and "sql" has its mistake already. */
function markKind(spec: JsonObject, broken: BrokenParts, step: Path): void {
  const of = (spec['steps'] as Record<string, JsonObject> | undefined)?.[String(step[1])];
  if (of?.['query'] === undefined && of?.['sql'] === undefined) broken.add([...step, 'query']);
}
