/** How much is read and checked for an answer. */
export interface Effort {
  /** Sentences of documents that are looked at for an answer in text. */
  readonly sentences: number;
  /**
   * Which sources are asked: `needed` stops once every slot has a value, `all` asks every source
   * for what is missing, `again` also asks for a second opinion on what is there.
   */
  readonly sources: 'needed' | 'all' | 'again';
}

const EFFORTS: Readonly<Record<string, Effort>> = {
  minimal: { sentences: 3, sources: 'needed' },
  low: { sentences: 4, sources: 'needed' },
  medium: { sentences: 14, sources: 'all' },
  high: { sentences: 60, sources: 'again' },
  xhigh: { sentences: 220, sources: 'again' },
  ultra: { sentences: 220, sources: 'again' },
};
const MEDIUM: Effort = { sentences: 14, sources: 'all' };

/** The names are an open list: one that is unknown, `auto` and none at all mean the middle. */
export const effortOf = (name: string | undefined): Effort => EFFORTS[name ?? ''] ?? MEDIUM;
