import type { Block, Layout } from './document.ts';
import { PlainText } from './plain-text.ts';

const LABELLED = /^[ \t]*(?:[-*•][ \t]+)?[\p{L}][\p{L}\d ()/&'’.-]{0,48}:[ \t]+\S/u;

/** Takes plain text apart: paragraphs between empty lines, and lines that begin with a label. */
export function parseText(source: string): Layout {
  const blocks: Block[] = [];
  let open: PlainText | undefined;
  let at = 0;
  for (const line of source.split(/(?<=\n)/u)) {
    const labelled = LABELLED.test(line);
    const between = BETWEEN.test(line);
    if (between || labelled) open = undefined;
    if (!between && open === undefined) {
      open = new PlainText();
      blocks.push({ kind: 'paragraph', passage: open, item: labelled });
    }
    if (!between) open?.append(line, at);
    if (labelled) open = undefined;
    at += line.length;
  }
  return {
    title: undefined,
    url: undefined,
    blocks: titled(blocks),
    embedded: [],
    types: [],
    problem: undefined,
  };
}

/** Nothing, or a line under a title. */
const BETWEEN = /^\s*$|^[=-]{3,}\s*$/u;

function titled(blocks: readonly Block[]): readonly Block[] {
  const [first, ...rest] = blocks;
  if (first?.kind !== 'paragraph' || rest.length === 0 || !isTitle(first.passage.text))
    return blocks;
  return [{ kind: 'heading', level: 1, passage: first.passage }, ...rest];
}

/** A few words at the top that are no sentence. */
const isTitle = (text: string): boolean =>
  text.trim().length <= 80 && !/[.!?:,;]\s*$/u.test(text) && !LABELLED.test(text);
