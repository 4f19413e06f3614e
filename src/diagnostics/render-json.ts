import type { JsonObject } from '../base/json.ts';
import type { Diagnostic, Place } from './diagnostic.ts';
import { hideSecrets } from './secret-text.ts';

/** A diagnostic for machines: `{code, severity, message, path, line, column, endLine, …}`. */
export function diagnosticJson(diagnostic: Diagnostic): JsonObject {
  const { code, severity, message, place, notes = [], help } = diagnostic;
  return {
    code,
    severity,
    message: hideSecrets(message),
    ...placeToJson(place),
    help: hideSecrets(help),
    ...(notes.length === 0
      ? {}
      : {
          notes: notes.map((note) => ({
            message: hideSecrets(note.message),
            ...placeToJson(note.place),
          })),
        }),
  };
}

function placeToJson(place: Place): JsonObject {
  switch (place.kind) {
    case 'span': {
      const { source, start, end } = place.span;
      const from = source.position(start);
      const to = source.position(Math.max(start, end));
      return {
        path: source.path,
        line: from.line,
        column: from.column,
        endLine: to.line,
        endColumn: to.column,
      };
    }
    case 'file': {
      const { path, line, column } = place;
      return { path, line, column };
    }
    case 'argument':
      return { argument: hideSecrets(place.argument) };
  }
}
