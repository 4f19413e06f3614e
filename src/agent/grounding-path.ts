/**
 * A grounding's `field` as segments below the output: `structured.companies[0].website` becomes
 * `['structured', 'companies', 0, 'website']`, `text` becomes `['text']`.
 *
 * Keys that are no identifiers are written `["any key"]`. Some servers leave the `structured.`
 * prefix out; it is put back, so that callers see one form. Undefined for anything else.
 */
export function parseGroundingPath(field: string): readonly (string | number)[] | undefined {
  const segments: (string | number)[] = [];
  const token = /\.?([^.[\]"]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/y;
  while (token.lastIndex < field.length) {
    const match = token.exec(field);
    if (match === null) return undefined;
    const [, name, index, quoted] = match;
    if (name !== undefined) segments.push(name);
    else if (index !== undefined) segments.push(Number(index));
    else {
      const key = unquoted(quoted ?? '');
      if (key === undefined) return undefined;
      segments.push(key);
    }
  }
  if (segments.length === 0) return undefined;
  return segments[0] === 'structured' || segments[0] === 'text'
    ? segments
    : ['structured', ...segments];
}

/** What looks like a JSON string need not be one: `"\\x"` is none. */
function unquoted(text: string): string | undefined {
  try {
    return JSON.parse(text) as string;
  } catch {
    return undefined;
  }
}
