import type { Json } from '../base/json.ts';
import { errorAt, type Diagnostic } from '../diagnostics/diagnostic.ts';
import { secretIn } from '../diagnostics/secret-text.ts';
import type { ParsedDocument, Path } from './parsed-document.ts';

/** Texts of the file that look like API keys or tokens. */
export function findSecrets(document: ParsedDocument): Diagnostic[] {
  return [...texts(document.value, [])].flatMap(([path, text]) => {
    const secret = secretIn(text);
    if (secret === undefined) return [];
    return [
      errorAt(
        'E-Y42',
        document.locateIn(path, secret.start, secret.end),
        'this looks like a secret',
        'remove it here, replace it at its provider, and set it in the environment (EXA_API_KEY)',
      ),
    ];
  });
}

/** Every text of a value with its path, in the order of the file. */
export function* texts(value: Json | undefined, path: Path): Generator<[Path, string]> {
  if (typeof value === 'string') yield [path, value];
  else if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) yield* texts(item as Json, [...path, i]);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) yield* texts(member, [...path, key]);
  }
}
