/**
 * Names that become part of keys are made by the program itself (pipelines, steps, versions,
 * attempts, runs), so one that does not look like a name is a bug and not a user's mistake.
 */
const NAME = /^[\w.:/-]{1,400}$/;

/** Throws when `text` cannot be part of a key; else gives it back. */
export function requireName(what: string, text: string): string {
  if (!NAME.test(text)) throw new TypeError(`Not a ${what}: ${JSON.stringify(text)}`);
  return text;
}
