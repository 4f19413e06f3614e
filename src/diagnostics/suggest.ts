import { distance } from 'fastest-levenshtein';

/** The candidate closest to what the user typed, if any is close enough to be meant. */
export function closest(typed: string, candidates: Iterable<string>): string | undefined {
  const wanted = typed.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(typed.length / 3)) + 1;
  for (const candidate of candidates) {
    // A one-letter name is two edits away from any other: only a name that shares something counts.
    const edits = distance(wanted, candidate.toLowerCase());
    if (edits < bestDistance && edits < Math.max(candidate.length, wanted.length)) {
      [best, bestDistance] = [candidate, edits];
    }
  }
  return best;
}

/**
 * `did you mean "x"?` when there is a close candidate, else the list of all; for `help`. `none` is
 * what to say where there is no candidate at all.
 */
export function didYouMean(
  typed: string,
  candidates: readonly string[],
  kind: string,
  none = `remove it: there are no ${kind}`,
): string {
  const meant = closest(typed, candidates);
  if (meant !== undefined) return `did you mean "${meant}"?`;
  if (candidates.length === 0) return none;
  const shown = candidates.slice(0, 30);
  const rest = candidates.length - shown.length;
  return `${kind}: ${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
