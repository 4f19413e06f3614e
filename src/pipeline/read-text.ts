import { fail, ok, type Result } from '../base/result.ts';
import { SourceFile } from '../base/source-file.ts';
import { errorAt, errorInFile, type Diagnostic } from '../diagnostics/diagnostic.ts';

/** The control characters that no text file of ours needs: all but tab, line feed, carriage return. */
// oxlint-disable-next-line no-control-regex -- finding them is the point
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/gu;
const CONFLICT = /^(?:<{7}|={7}|>{7})(?: .*)?$/gmu;
const MOST_SHOWN = 5;

/**
 * The bytes of a text file that a person wrote, as text: UTF-8 with or without a byte order mark,
 * no control characters, no leftovers of a merge.
 */
export function readText(path: string, bytes: Uint8Array): Result<SourceFile, Diagnostic[]> {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return fail([
      errorInFile('E-Y05', { path }, 'the file is UTF-16, not UTF-8', 'save it as UTF-8'),
    ]);
  }
  const text = new TextDecoder('utf-8', { ignoreBOM: false }).decode(bytes);
  const source = new SourceFile(path, text);
  const bad = text.includes('\ufffd') ? firstBadByte(bytes) : undefined;
  if (bad !== undefined) {
    const before = new TextDecoder().decode(bytes.subarray(0, bad), { stream: true });
    const { line, column } = source.position(before.length);
    return fail([
      errorInFile(
        'E-Y04',
        { path, line, column },
        `the file is not UTF-8: byte ${bad} does not fit`,
        'save it as UTF-8',
      ),
    ]);
  }
  const problems = [...controlCharacters(source), ...conflictMarkers(source)];
  return problems.length > 0 ? fail(problems) : ok(source);
}

/**
 * Offset of the first byte that is not UTF-8; undefined when all are. A replacement character in
 * the decoded text proves nothing: the file itself may hold one.
 */
function firstBadByte(bytes: Uint8Array): number | undefined {
  if (decodes(bytes, true)) return undefined;
  let good = 0;
  let bad = bytes.length + 1;
  // The longest prefix that decodes as part of a stream, so that a cut character is no fault.
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (decodes(bytes.subarray(0, middle), false)) good = middle;
    else bad = middle;
  }
  return good;
}

function decodes(bytes: Uint8Array, whole: boolean): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: !whole });
    return true;
  } catch {
    return false;
  }
}

function controlCharacters(source: SourceFile): Diagnostic[] {
  return [...source.text.matchAll(CONTROL)].slice(0, MOST_SHOWN).map(({ index, 0: found }) => {
    const code = found.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase();
    return errorAt(
      'E-Y07',
      { source, start: index, end: index + 1 },
      `control character U+${code}`,
      'remove it',
    );
  });
}

function conflictMarkers(source: SourceFile): Diagnostic[] {
  // A row of "=" alone may be the underline of a heading; only all three together are a conflict.
  const markers = [...source.text.matchAll(CONFLICT)];
  const kinds = new Set(markers.map(([text]) => text[0]));
  const first = markers.find(([text]) => text.startsWith('<'));
  if (kinds.size < 3 || first === undefined) return [];
  return [
    errorAt(
      'E-P01',
      { source, start: first.index, end: first.index + first[0].length },
      'unresolved merge conflict',
      'choose one side and remove the lines with <<<<<<<, ======= and >>>>>>>',
    ),
  ];
}
