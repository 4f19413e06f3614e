import type { Block, Layout } from './document.ts';
import { PlainText } from './plain-text.ts';

const LABELLED = /^[ \t]*(?:[-*•][ \t]+)?[\p{L}][\p{L}\d ()/&'’.-]{0,48}:[ \t]+\S/u;

/** Takes plain text apart: paragraphs between empty lines, and lines that begin with a label. */
export function parseText(source: string): Layout {
  const blocks: Block[] = [];
  let open: PlainText | undefined;
  let at = 0;
  for (const line of source.split(/(?<=\n)/u)) {
    const blank = line.trim() === '';
    const labelled = LABELLED.test(line);
    const underline = /^[=-]{3,}\s*$/u.test(line);
    if (blank || labelled || underline) open = undefined;
    if (!blank && !underline) {
      if (open === undefined) {
        open = new PlainText();
        blocks.push({ kind: 'paragraph', passage: open, item: labelled });
      }
      open.append(line, at);
      if (labelled) open = undefined;
    }
    at += line.length;
  }
  const [first] = blocks;
  if (first?.kind === 'paragraph' && blocks.length > 1 && isTitle(first.passage.text)) {
    blocks[0] = { kind: 'heading', level: 1, passage: first.passage };
  }
  return { title: undefined, url: undefined, blocks, embedded: [], types: [], problem: undefined };
}

/** A few words at the top that are no sentence. */
const isTitle = (text: string): boolean =>
  text.trim().length <= 80 && !/[.!?:,;]\s*$/u.test(text) && !LABELLED.test(text);
