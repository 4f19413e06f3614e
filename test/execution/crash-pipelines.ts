import { expect } from 'vitest';
import type { AgentRequest } from '../../src/agent/agent.ts';
import type { Write } from '../rig/crashing-store.ts';
import { completed, Story } from './crash-rig.ts';
import { FOUND, inline, TOWN } from './pipelines.ts';

const rows = (count: number) => inline(Array.from({ length: count }, (_, n) => ({ id: `r${n}` })));

export const TOWNS: string = `
effort: low
concurrency: 2
steps:
  towns:
    input: ${rows(6)}
    query: Where is {{row.id}}?${TOWN}`;

export const TWO: string = `${TOWNS}
  near:
    input: towns
    query: What is near {{row.town}}?${TOWN}`;

export const FROM_SOURCE: string = `
effort: low
sources: { rows: { file: rows.csv } }
steps:
  towns:
    input: rows
    query: Where is {{row.id}}?${TOWN}`;

export const ONE: string = `
effort: low
steps:
  firms:
    query: Find a firm.${FOUND}
    key: name`;

const town = (request: AgentRequest) =>
  completed({ town: request.query.replace(/^.* (\S+)\?$/, 'Town of $1') });

export function towns(yaml = TOWNS): Story {
  const story = new Story(yaml);
  story.remote.answer = town;
  return story;
}

/** At the nth write of this name: it is on disk, and the process never hears of it. */
export const at =
  (name: Write['name'], nth: number) =>
  (write: Write): 'unheard' | undefined =>
    write.name === name && --nth === 0 ? 'unheard' : undefined;

/** Every question bought once, however often a process died. */
export function boughtOnce(story: Story, times: number): void {
  const queries = story.remote.runs.map(({ request }) => request?.query);
  expect(new Set(queries).size).toBe(queries.length);
  expect(queries).toHaveLength(times);
}
