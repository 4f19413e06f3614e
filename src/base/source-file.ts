/** Line and column, both counted from 1, as editors count them. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A text file the user wrote, kept whole so that every later stage can point into it. */
export class SourceFile {
  readonly path: string;
  readonly text: string;
  readonly #lineStarts: readonly number[];

  constructor(path: string, text: string) {
    this.path = path;
    this.text = text;
    const starts = [0];
    for (let i = text.indexOf('\n'); i !== -1; i = text.indexOf('\n', i + 1)) starts.push(i + 1);
    this.#lineStarts = starts;
  }

  position(offset: number): Position {
    let low = 0;
    let high = this.#lineStarts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    return { line: low, column: offset - (this.#lineStarts[low - 1] ?? 0) + 1 };
  }

  /** Without its line break. */
  line(number: number): string {
    const start = this.#lineStarts[number - 1] ?? 0;
    const end = this.#lineStarts[number] ?? this.text.length + 1;
    return this.text.slice(start, end - 1).replace(/\r$/, '');
  }
}

/** A stretch of a source file, as half-open offsets. */
export interface Span {
  readonly source: SourceFile;
  readonly start: number;
  readonly end: number;
}
