import { completed, Story } from '../execution/crash-rig.ts';
import { FOUND, inline, TOWN } from '../execution/pipelines.ts';

/** One question, whose agent run costs $0.025. */
export const ONE_FIRM = `
effort: low
steps:
  firms:
    query: Find a firm.${FOUND}
    key: name`;

const manyTowns = (count: number, more: string): string => `
effort: low
concurrency: 4
steps:
  towns:
    input: ${inline(Array.from({ length: count }, (_, n) => ({ id: `r${n}` })))}
    query: Where is {{row.id}}?${TOWN}${more}`;

/** So many questions, each answered with a town; `more` is said of their step. */
export function townStory(count: number, more = ''): Story {
  const story = new Story(manyTowns(count, more));
  story.remote.answer = () => completed({ town: 'Oslo' });
  return story;
}
