/** What a code means, for the catalogue and for `fieldwork explain`. */
export interface CodeEntry {
  /** One phrase: what is wrong. */
  readonly title: string;
  /** A short paragraph: why it matters, and what to write instead. */
  readonly explanation: string;
  /**
   * When it shows: `load` while the files are read and checked, `rows` only once there are records
   * to look at (in `plan` and `run`).
   */
  readonly shows: 'load' | 'rows';
}
