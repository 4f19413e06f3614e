import { part, type Passage } from '../corpus/plain-text.ts';

/** Words that end with a full stop in the middle of a sentence. */
const ABBREVIATION =
  /(?:^|[\s(])(?:mr|mrs|ms|dr|prof|st|mt|ft|jr|sr|inc|ltd|corp|co|llc|bros|no|vs|etc|approx|ca|est|e\.g|i\.e|cf|al|fig|vol|gen|sen|rep|gov|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|u\.s|u\.k|u\.n|\p{Lu})\.$/iu;
/** Longer ones are no sentences that anything could be read from safely. */
const MAX_LENGTH = 1_500;

/** The sentences of a paragraph. What is longer than any sentence is cut at its length. */
export function sentencesOf(passage: Passage): readonly Passage[] {
  const { text } = passage;
  const sentences: Passage[] = [];
  let start = 0;
  for (const match of text.matchAll(/[.!?][)"”’\]]*(?= |$)/gu)) {
    const end = match.index + match[0].length;
    const next = text.slice(end, end + 3).trimStart();
    const full = match[0].startsWith('.')
      ? !endsInAbbreviation(text.slice(start, match.index + 1), next)
      : true;
    if (full && !/^\p{Ll}/u.test(next)) {
      push(sentences, passage, start, end);
      start = end;
    }
  }
  push(sentences, passage, start, text.length);
  return sentences;
}

/** A company's form ends a sentence when what follows cannot go on with it. */
const endsInAbbreviation = (sentence: string, next: string): boolean =>
  ABBREVIATION.test(sentence.slice(-12)) &&
  next !== '' &&
  !/^["“(]/u.test(next) &&
  !(LAST_WORD.test(sentence.slice(-8)) && /^\p{Lu}/u.test(next));

const LAST_WORD = /(?:^|\s)(?:inc|ltd|corp|co|llc|bros|jr|sr|etc)\.$/iu;

function push(into: Passage[], passage: Passage, start: number, end: number): void {
  for (let from = start; from < end; from += MAX_LENGTH) {
    const sentence = part(passage, from, Math.min(end, from + MAX_LENGTH));
    if (sentence.text !== '') into.push(sentence);
  }
}
