import type { Json } from '../../../base/json.ts';
import type { Column, CorpusRecord, StatedValue } from '../corpus/table.ts';

/** A record that an item may be filled from, and how sure it is that it is about the item. */
export interface Evidence {
  readonly record: CorpusRecord;
  readonly by: 'selected' | 'id' | 'name' | 'variant';
}

/** A value that a source states for a slot of an item. */
export interface Claim {
  readonly value: Json;
  readonly record: CorpusRecord;
  readonly column: Column;
  readonly by: Evidence['by'];
  /** Where documents state it; undefined for a record of a file, which is its own source. */
  readonly stated: readonly StatedValue[] | undefined;
  /** Documents beside those say something else. */
  readonly disputed: boolean;
  /** The value is not the source's own but follows from it: a year of a date, another unit. */
  readonly derived: boolean;
}
