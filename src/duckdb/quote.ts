/** A name as SQL: in double quotes, with the quotes in it doubled. */
export const quoteIdentifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A text as SQL: in single quotes, with the quotes in it doubled. For paths and other constants. */
export const quoteLiteral = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/**
 * A path as functions such as `read_csv` take it: characters that stand for others in patterns
 * (`*`, `?`, `[`) stand for themselves.
 */
export const escapePattern = (path: string): string =>
  path.replace(/[*?[]/gu, (character) => `[${character}]`);
