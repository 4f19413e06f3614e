import type { Json } from '../base/json.ts';
import type { SourceFile, Span } from '../base/source-file.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { textOffsets, type TextStyle } from './text-offset.ts';

/** A path into a document, as JSON Pointer segments. */
export type Path = readonly (string | number)[];

/** YAML read into a plain value, with the way back from any path to the text. */
export interface ParsedDocument {
  readonly source: SourceFile;
  readonly value: Json;
  readonly warnings: readonly Diagnostic[];
  /** The text of the value at `path`; of its nearest existing parent when there is none. */
  locate(path: Path): Span;
  /** The text of the key at `path`, for "this should not be here". */
  locateKey(path: Path): Span;
  /** Characters `start` to `end` of the text at `path`, through quotes, folding and escapes. */
  locateIn(path: Path, start: number, end: number): Span;
}

/** Where a part of a document is written. */
export interface PlacedNode {
  readonly key: Span | undefined;
  readonly value: Span;
  readonly text: { readonly style: TextStyle; readonly value: string } | undefined;
}

/** A path as one text, to look places up by. */
export const pointerOf = (path: Path): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** Joins a value with the places of its parts, by {@link pointerOf} of their paths. */
export function documentOf(
  source: SourceFile,
  value: Json,
  places: ReadonlyMap<string, PlacedNode>,
  warnings: readonly Diagnostic[],
): ParsedDocument {
  const nearest = (path: Path): PlacedNode | undefined => {
    for (let length = path.length; length >= 0; length--) {
      const found = places.get(pointerOf(path.slice(0, length)));
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const nowhere: Span = { source, start: 0, end: 0 };
  return {
    source,
    value,
    warnings,
    locate: (path) => nearest(path)?.value ?? nowhere,
    locateKey: (path) => {
      const found = nearest(path);
      return found?.key ?? found?.value ?? nowhere;
    },
    locateIn: (path, start, end) => {
      const found = places.get(pointerOf(path));
      if (found?.text === undefined) return found?.value ?? nowhere;
      const { style, value: text } = found.text;
      const offsets = textOffsets(source.text, found.value, style, text);
      const from = offsets[Math.min(start, offsets.length - 1)] ?? found.value.start;
      const last = offsets[Math.min(Math.max(end - 1, start), offsets.length - 1)] ?? from;
      return { source, start: from, end: last + (end > start ? 1 : 0) };
    },
  };
}
