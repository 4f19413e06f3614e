const PLAIN = /^[\w@%+=:,./-]+$/;
/** Control characters, and those that are not seen or turn the text around. */
const HIDDEN = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/**
 * Words as one line that a shell takes apart into just these words, and that shows all that is in
 * them: hidden characters stand as `$'\u202E'`, which bash and zsh read.
 */
export const shellWords = (words: readonly string[]): string => words.map(shellWord).join(' ');

function shellWord(word: string): string {
  if (PLAIN.test(word)) return word;
  if (word.search(HIDDEN) === -1) return `'${word.replaceAll("'", String.raw`'\''`)}'`;
  const escaped = word.replaceAll(/[\\']/g, String.raw`\$&`).replaceAll(HIDDEN, codeOf);
  return `$'${escaped}'`;
}

function codeOf(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase();
  return code.length <= 4 ? `\\u${code.padStart(4, '0')}` : `\\U${code.padStart(8, '0')}`;
}
