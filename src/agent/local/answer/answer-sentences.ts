import { documentCitations } from '../claims/cite.ts';
import type { CorpusRecord } from '../corpus/table.ts';
import type { FoundSentence, Topic } from '../retrieve/topics.ts';
import type { Answer, Research } from './answer.ts';
import { grouped } from './describe.ts';
import { effortOf } from './effort.ts';
import { Exclusions } from './exclusions.ts';
import { textOutput, type Line } from './lines.ts';
import type { Question } from './question.ts';

/** More sentences than that are no answer. */
const MAX_SENTENCES = 12;
/** A sentence this much worse than the best one says something else. */
const WORTH = 0.5;

/**
 * An answer in text, of sentences as documents have them: those that have most of the words of the
 * query. Undefined when the query wants more than text, or no sentence has them.
 */
export async function answerFromSentences(
  { request, shape }: Question,
  research: Research,
): Promise<Answer | undefined> {
  if (shape.kind !== 'none' || research.corpus.documents === 0) return undefined;
  const { sentences: limit } = effortOf(request.effort);
  const found = await research.topics.sentences(request.query, limit);
  const best = found[0]?.hit.score ?? 0;
  const isExcluded = exclusionOf(request.input?.exclusion ?? []);
  const lines = found
    .filter((it) => it.hit.score >= best * WORTH && !isExcluded(it))
    .slice(0, MAX_SENTENCES)
    .map((it) => lineOf(it, research));
  if (lines.length === 0) return undefined;
  const account = `Found ${grouped(lines.length)} ${lines.length === 1 ? 'sentence' : 'sentences'} with words of the query in the documents of the corpus (${grouped(research.corpus.documents)} in all).`;
  return {
    output: textOutput(account, lines),
    searches: 1,
    scanned: found.length,
    continuation: undefined,
  };
}

/** Sentences with the words that records were searched for, of the documents about the records. */
export async function sentencesAbout(
  records: readonly CorpusRecord[],
  topics: readonly Topic[],
  { request }: Question,
  research: Research,
): Promise<readonly Line[]> {
  const words = topics.map(({ phrase }) => phrase).join(' ');
  const paths = new Set(
    records.flatMap(({ stated }) => stated?.[0]?.support.map(({ source }) => source.path) ?? []),
  );
  const found = await research.topics.sentences(words, effortOf(request.effort).sentences);
  const isExcluded = exclusionOf(request.input?.exclusion ?? []);
  return found
    .filter(({ source }) => paths.has(source.path))
    .filter((it) => !isExcluded(it))
    .slice(0, MAX_SENTENCES)
    .map((it) => lineOf(it, research));
}

const lineOf = ({ source, subject, text, span }: FoundSentence, { corpus }: Research): Line => ({
  text: `${subject}: “${text}”`,
  citations: documentCitations(corpus.name, source, span),
});

/** A sentence is left out when it is about, or names, something that is excluded. */
function exclusionOf(
  records: Parameters<typeof Exclusions.namesIn>[0],
): (it: FoundSentence) => boolean {
  const names = Exclusions.namesIn(records);
  return ({ subject, text }) => names.some((mentions) => mentions(`${subject} ${text}`));
}
