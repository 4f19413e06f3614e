import type { Result } from '../../../base/result.ts';
import type { AgentOutput } from '../../agent.ts';
import type { Corpus } from '../corpus/corpus.ts';
import type { Linker } from '../link/linker.ts';
import type { Topics } from '../retrieve/topics.ts';
import type { Continuation } from './question.ts';

/** What answering needs. */
export interface Research {
  readonly corpus: Corpus;
  readonly linker: Linker;
  readonly topics: Topics;
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

/** A request answered. */
export interface Answer {
  readonly output: AgentOutput;
  /** Questions put to the corpus: one for a selection, one for each record looked up. */
  readonly searches: number;
  /** Records that were gone through. */
  readonly scanned: number;
  /** Undefined when there is nothing a follow-up could build on. */
  readonly continuation: Continuation | undefined;
}

/** Why a request has no honest answer here, and what would help. */
export interface Refusal {
  readonly code: 'NO_SOURCE' | 'NO_MATCH' | 'CANNOT_RANK' | 'UNSUPPORTED_SCHEMA';
  readonly message: string;
}

export type Answered = Result<Answer, Refusal>;
