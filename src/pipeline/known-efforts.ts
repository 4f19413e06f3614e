import { PRICE_BOOKS } from '../cost/price-book.ts';
import type { AgentSettings, Project } from './project-file.ts';

/**
 * The efforts that an agent understands. A server's are those it has prices for; the agents in this
 * program take every effort that any server takes, so that a pipeline can be tried without paying.
 */
export function knownEfforts(agent: AgentSettings, project: Project): readonly string[] {
  const books = agent.kind === 'exa' ? [project.prices] : [project.prices, ...PRICE_BOOKS];
  return [...new Set(books.flatMap((book) => Object.keys(book.efforts)))];
}
