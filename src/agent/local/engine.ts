import { fail } from '../../base/result.ts';
import type { AgentRequest } from '../agent.ts';
import type { Answered, Research } from './answer/answer.ts';
import { answerList } from './answer/answer-list.ts';
import { answerRows, isAboutRows } from './answer/answer-rows.ts';
import { readQuestion, type Continuation } from './answer/question.ts';

/**
 * Answers one request from the corpus, without a model.
 *
 * The query is read as typed conditions, an order and a count; records state claims about the
 * slots of the schema; the claims are checked against each other and assembled. Every value is
 * the text of a source or of the input, or the same value in the type that the schema asks for.
 * The same corpus, request and day give the same answer, byte for byte.
 */
export async function answerRequest(
  request: AgentRequest,
  before: Continuation | undefined,
  research: Research,
): Promise<Answered> {
  research.signal.throwIfAborted();
  const question = readQuestion(request, research.corpus, research.nowMs, before);
  if (question.shape.kind !== 'none' && question.shape.slots.length === 0) {
    return fail({
      code: 'UNSUPPORTED_SCHEMA',
      message:
        'The output schema names no properties to fill. Give it an object, or a list of objects, with properties.',
    });
  }
  return isAboutRows(question)
    ? answerRows(question, research)
    : answerList(question, before, research);
}
