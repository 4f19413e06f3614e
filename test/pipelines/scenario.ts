import type { Reply } from './scripted-replies.ts';

/** What happens in the recording of one of the example pipelines. */
export interface Scenario {
  /** Name of the pipeline. */
  readonly pipeline: string;
  /** When each run starts, on the same state; replies are taken up in order. */
  readonly runs: readonly string[];
  readonly replies: readonly Reply[];
}

/** The day on which most recordings are made. */
export const DAY_ONE = '2026-11-23T09:00:00.000Z';
