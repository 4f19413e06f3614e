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
    else segments.push(JSON.parse(quoted ?? '""') as string);
  }
  if (segments.length === 0) return undefined;
  return segments[0] === 'structured' || segments[0] === 'text'
    ? segments
    : ['structured', ...segments];
}
