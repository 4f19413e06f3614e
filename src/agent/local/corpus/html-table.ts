import { attribute, nameWords } from '../text/words.ts';
import type { Block } from './document.ts';
import type { Passage } from './plain-text.ts';

/** A cell of a table as it is written. */
export interface Cell {
  readonly passage: Passage;
  readonly header: boolean;
  readonly columns: number;
}

/** Heads of a table whose first column holds labels and its second one values. */
const LABELS = /^(?:|field|property|attribute|key|item|label|fact|detail|what|name of field)$/u;
const VALUES = /^(?:|value|detail|content|information|description|answer|data)$/u;
/** Words that name an attribute of many things, so that a cell with one is likely a label. */
const KNOWN =
  /^(?:name|population|area|employee|founded|founder|released|born|revenue|funding|price|website|domain|language|currency|calling|code|industry|headquarter|rating|country|category|email|capital|ceo|director|location|license|licence|version|continent|region|genre|budget|gross|city|state|status|owner|type|size|address|phone)$/u;

/**
 * What a table says: label and value row by row (an infobox), or a row for each thing below a row
 * of heads. Tables that are neither, such as those that only lay out a page, are paragraphs.
 */
export function tableBlocks(
  rows: readonly (readonly Cell[])[],
  caption: string | undefined,
): readonly Block[] {
  const filled = rows.filter((row) => row.some(({ passage }) => passage.text.trim() !== ''));
  if (filled.length === 0) return [];
  if (isPairs(filled)) return pairBlocks(filled);
  const [head = [], ...body] = filled;
  const regular = body.every((row) => row.length === head.length);
  const headed = head.every(({ header }) => header) || filled.length >= 3;
  if (head.length >= 2 && body.length > 0 && regular && headed && isHead(head)) {
    const [header, ...cells] = filled.map((row) => row.map(({ passage }) => passage));
    return [{ kind: 'table', caption, header: header ?? [], rows: cells }];
  }
  return filled.flatMap((row) =>
    row.map(({ passage }) => ({ kind: 'paragraph' as const, passage, item: true })),
  );
}

const words = (cell: Cell | undefined): readonly string[] =>
  nameWords(cell?.passage.text.replace(/:\s*$/u, '') ?? '');

const isHead = (head: readonly Cell[]): boolean => {
  const texts = head.map(({ passage }) => passage.text.trim());
  return (
    new Set(texts).size === texts.length &&
    texts.filter((text) => text !== '').length >= texts.length - 1 &&
    texts.every((text) => text.length <= 60 && !/^[\d.,$€£%]+$/u.test(text))
  );
};

function isPairs(rows: readonly (readonly Cell[])[]): boolean {
  const pairs = rows.filter((row) => row.length === 2);
  if (pairs.length === 0 || rows.some((row) => row.length > 2)) return false;
  if (pairs.every(([label, value]) => label?.header === true && value?.header === false))
    return true;
  const [head = []] = pairs;
  const headed = head.every(({ header }) => header);
  if (headed) {
    const [first, second] = head.map((cell) => words(cell).join(' '));
    if (LABELS.test(first ?? '') && VALUES.test(second ?? '')) return true;
    if (LABELS.test(second ?? '')) return false;
  }
  return mostlyLabels(pairs, headed);
}

/** Whether the first column names attributes, not things. */
function mostlyLabels(pairs: readonly (readonly Cell[])[], headed: boolean): boolean {
  const known = pairs.filter(([label]) => words(label).some(isKnown)).length;
  const body = headed ? pairs.length - 1 : pairs.length;
  const alone = headed && pairs.length > 2 && known <= 1;
  return body > 0 && known >= Math.max(1, body / 2) && !alone;
}

const isKnown = (word: string): boolean => KNOWN.test(attribute(word));

function pairBlocks(rows: readonly (readonly Cell[])[]): readonly Block[] {
  return rows.flatMap((row, at): readonly Block[] => {
    const [label, value] = row;
    if (label === undefined) return [];
    if (value === undefined) {
      return [{ kind: 'heading', level: at === 0 ? 2 : 6, passage: label.passage }];
    }
    const [first, second] = [words(label).join(' '), words(value).join(' ')];
    if (at === 0 && label.header && value.header && LABELS.test(first) && VALUES.test(second)) {
      return [];
    }
    return [{ kind: 'pair', label: label.passage, value: value.passage }];
  });
}
