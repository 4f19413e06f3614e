import { stripVTControlCharacters } from 'node:util';

/**
 * Text that came from the web or a user's data, made fit for a terminal or a log: no escape
 * sequences, no control or bidirectional characters, one line, at most `width` characters.
 */
export function cleanText(text: string, width = 200): string {
  const plain = stripVTControlCharacters(text)
    .replace(/\s+/gu, ' ')
    .replace(/[\p{Cc}\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu, '')
    .trim();
  return plain.length <= width ? plain : `${plain.slice(0, width - 1)}…`;
}
