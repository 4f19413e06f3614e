/** How a YAML text is written in the file. */
export type TextStyle = 'plain' | 'single' | 'double' | 'block';

/**
 * Where each character of a text's value is in the file: `offsets[i]` for character `i`, and one
 * more for the end.
 *
 * The written form is walked beside the value: white space that YAML dropped (indentation, folded
 * line ends) is skipped, escapes are taken as a whole.
 */
export function textOffsets(
  file: string,
  range: { readonly start: number; readonly end: number },
  style: TextStyle,
  value: string,
): readonly number[] {
  let at = contentStart(file, range.start, style);
  const offsets: number[] = [];
  for (let i = 0; i < value.length; i++) {
    at = skipDropped(file, at, range.end, value.charAt(i), style);
    offsets.push(Math.min(at, range.end));
    const width = writtenWidth(file, at, style);
    // An escape such as \U0001F600 stands for two UTF-16 units, which share a place.
    if (width > 1 && isHighSurrogate(value.charCodeAt(i)) && i + 1 < value.length) {
      offsets.push(Math.min(at, range.end));
      i++;
    }
    at += width;
  }
  offsets.push(Math.min(at, range.end));
  return offsets;
}

function contentStart(file: string, start: number, style: TextStyle): number {
  if (style === 'plain') return start;
  if (style !== 'block') return start + 1;
  const lineEnd = file.indexOf('\n', start);
  return lineEnd === -1 ? file.length : lineEnd + 1;
}

function skipDropped(
  file: string,
  from: number,
  end: number,
  wanted: string,
  style: TextStyle,
): number {
  let at = from;
  while (at < end) {
    const char = file.charAt(at);
    if (char === wanted || (char === '\n' && wanted === ' ')) return at;
    if (style === 'double' && char === '\\') {
      if (/[\r\n]/u.test(file.charAt(at + 1))) {
        at += 2;
        continue;
      }
      return at;
    }
    if (!/\s/u.test(char)) return at;
    at++;
  }
  return at;
}

function writtenWidth(file: string, at: number, style: TextStyle): number {
  if (style === 'single' && file.startsWith("''", at)) return 2;
  if (style !== 'double' || file.charAt(at) !== '\\') return 1;
  const hexDigits = { x: 2, u: 4, U: 8 }[file.charAt(at + 1)] ?? 0;
  return 2 + hexDigits;
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
