/** A stretch of a file's text, in UTF-16 code units; `end` is after its last one. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** What a reader sees of a part of a file, with the place of each character in the file. */
export interface Passage {
  readonly text: string;
  /** Where the characters from `start` to `end` of {@link text} stand in the file. */
  spanOf(start: number, end: number): Span;
}

interface Piece {
  /** Where it begins in the visible text. */
  readonly at: number;
  readonly length: number;
  readonly start: number;
  readonly end: number;
}

/**
 * Visible text under construction: runs of white space are one blank, entities are the characters
 * they stand for, and mark-up is not there at all.
 */
export class PlainText implements Passage {
  readonly #pieces: Piece[] = [];
  /** Texts of the pieces: looking at a text that still grows would copy all of it each time. */
  readonly #texts: string[] = [];
  #length = 0;
  #joined: string | undefined;
  #empty = true;

  get text(): string {
    this.#joined ??= this.#texts.join('');
    return this.#joined;
  }

  get empty(): boolean {
    return this.#empty;
  }

  /** Adds text that stands at `start` in the file, character by character, or in place of a code. */
  append(text: string, start: number, end: number = start + text.length): void {
    const same = end - start === text.length;
    for (const match of text.matchAll(/\s+|\S+/gu)) {
      const [part] = match;
      const from = same ? start + match.index : start;
      const to = same ? from + part.length : end;
      if (/^\s/u.test(part)) this.blank(from, to);
      else this.#push(part, from, to);
    }
  }

  /** A blank, unless the text is empty or ends with one. */
  blank(start: number, end: number): void {
    if (this.#length > 0 && this.#texts.at(-1) !== ' ') this.#push(' ', start, end);
  }

  #push(text: string, start: number, end: number): void {
    this.#pieces.push({ at: this.#length, length: text.length, start, end });
    this.#texts.push(text);
    this.#length += text.length;
    this.#joined = undefined;
    if (text !== ' ') this.#empty = false;
  }

  spanOf(start: number, end: number): Span {
    const first = this.#pieceAt(start);
    const last = this.#pieceAt(end - 1);
    if (first === undefined || last === undefined) return { start: 0, end: 0 };
    return {
      start: linear(first) ? first.start + start - first.at : first.start,
      end: linear(last) ? last.start + end - last.at : last.end,
    };
  }

  #pieceAt(at: number): Piece | undefined {
    let [low, high] = [0, this.#pieces.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#pieces[middle]?.at ?? 0) <= at) low = middle;
      else high = middle - 1;
    }
    return this.#pieces[low];
  }
}

const linear = ({ length, start, end }: Piece): boolean => end - start === length;

/** The passage between two places of another one, without blanks at its ends. */
export function part(of: Passage, start: number, end: number): Passage {
  let [from, to] = [start, end];
  while (from < to && of.text[from] === ' ') from++;
  while (to > from && of.text[to - 1] === ' ') to--;
  return {
    text: of.text.slice(from, to),
    spanOf: (s, e) => of.spanOf(from + s, from + e),
  };
}

/** All of a passage, in the file. */
export const wholeSpan = (passage: Passage): Span => passage.spanOf(0, passage.text.length);
