import type { Span } from '../base/source-file.ts';
import type { Step } from './pipeline.ts';

/** Where a step says `text` as whole words; the step's name where that is written in another way. */
export function spanInStep(text: string, { span }: Pick<Step, 'span'>): Span {
  const { source, start } = span;
  const escaped = text.replace(/[$()*+.?[\\\]^{|}]/gu, String.raw`\$&`);
  const words = new RegExp(`(?<![\\p{L}\\p{N}_])${escaped}(?![\\p{L}\\p{N}_])`, 'gu');
  words.lastIndex = start;
  const at = words.exec(source.text)?.index;
  return at === undefined ? span : { source, start: at, end: at + text.length };
}
