import { part, type Passage } from '../corpus/plain-text.ts';

export interface Pair {
  readonly label: Passage;
  readonly value: Passage;
}

const LABEL = /^(?:[-*•]\s+)?([\p{L}][\p{L}\d ()/&'’.+#-]{0,48}?)\s?(?::|=| [–—] )\s*/u;
/** Words that begin a remark, not a label. */
const REMARK =
  /^(?:note|notes|warning|tip|example|see|see also|todo|update|however|for example|q|a|https?|p\.?s\.?|source|sources|reference|references)$/iu;
const MAX_WORDS = 6;
const MAX_VALUE = 300;

/** `Founded: 2015`; undefined for a line that is no label with a value. */
export function pairInLine(line: {
  readonly passage: Passage;
  readonly item: boolean;
}): Pair | undefined {
  const { passage, item } = line;
  const match = LABEL.exec(passage.text);
  const name = match?.[1]?.trim();
  if (match === null || name === undefined || !isLabel(name)) return undefined;
  const sure = match[0].trimEnd().endsWith(':') || item;
  const rest = passage.text.slice(match[0].length);
  if (!sure || rest.trim() === '' || rest.length > MAX_VALUE) return undefined;
  if (rest.startsWith('//') || isProse(rest)) return undefined;
  const start = passage.text.indexOf(name);
  const label = part(passage, start, start + name.length);
  return { label, value: part(passage, match[0].length, passage.text.length) };
}

/** Not a remark, and without a verb: that would be a sentence that goes on behind the colon. */
const isLabel = (name: string): boolean =>
  !REMARK.test(name) &&
  name.split(/\s+/u).length <= MAX_WORDS &&
  !/\b(?:is|are|was|were|has|have|had|said|says)\b/iu.test(name);

/** Two sentences, or a long one: what a label stands before is shorter. */
const isProse = (text: string): boolean =>
  /[.!?] \p{Lu}\p{Ll}+ \p{Ll}/u.test(text) && text.length > 120;

/** A heading with nothing below it but a few words says what they are: `## Headquarters`. */
export function pairUnderHeading(heading: Passage, below: Passage): Pair | undefined {
  const { text } = below;
  const short = text.length <= 80 && text.split(' ').length <= 10 && !/[.!?:]$/u.test(text.trim());
  return short ? { label: heading, value: below } : undefined;
}
