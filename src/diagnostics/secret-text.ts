/**
 * The looks of keys and tokens: known prefixes, long runs of hexadecimal digits, and the beginning
 * of a private key with what follows it.
 */
const SECRET =
  /\b(?:sk|pk|rk|exa|gh[pousr]|github_pat|glpat|npm|xox[abprs])[-_][A-Za-z0-9_-]{16,}|\bA(?:KIA[A-Z0-9]{16}|Iza[\w-]{35})\b|-----BEGIN [A-Z ]*PRIVATE KEY-----[^"]*|\b(?=[0-9a-f]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{32,}\b/iu;

/** Where in the text something looks like a secret, if anywhere. */
export function secretIn(text: string): { start: number; end: number } | undefined {
  const match = SECRET.exec(text);
  return match === null ? undefined : { start: match.index, end: match.index + match[0].length };
}

/** The text with what looks like a secret starred out; its length stays the same. */
export function hideSecrets(text: string): string {
  return text.replace(new RegExp(SECRET, 'giu'), (found) => '*'.repeat(found.length));
}
