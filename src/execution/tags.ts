import { ATTEMPT_TAG } from '../agent/attempt-tag.ts';
import type { AttemptId } from '../base/ids.ts';
import type { Fingerprint } from '../base/fingerprint.ts';

/**
 * Names in the metadata of a request by which its agent run is found again when its id never
 * reached us. They come back with every agent run of the list. Nothing in them says what was asked.
 */
export const TAGS: Readonly<Record<'attempt' | 'question' | 'state' | 'version', string>> = {
  /** The attempt's id. */
  attempt: ATTEMPT_TAG,
  /** The first 32 digits of the fingerprint of what is asked, of a batch of its first record. */
  question: 'fieldwork.k',
  /** The id of the state folder. */
  state: 'fieldwork.p',
  version: 'fieldwork.v',
};

const TAG_VERSION = '1';

/** Enough of a fingerprint to tell questions apart. */
export const questionTag = (fingerprint: Fingerprint | undefined): string =>
  fingerprint?.slice(0, 32) ?? '';

export const tagsOf = (
  attempt: AttemptId,
  question: string,
  stateId: string,
): Readonly<Record<string, string>> => ({
  [TAGS.attempt]: attempt,
  [TAGS.question]: question,
  [TAGS.state]: stateId,
  [TAGS.version]: TAG_VERSION,
});
