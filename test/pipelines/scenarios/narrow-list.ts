import type { JsonObject } from '../../../src/base/json.ts';
import { DAY_ONE, type Scenario } from '../scenario.ts';
import { listOf, type Answer, textIn } from '../scripted-replies.ts';

const company = (name: string, round: 'Series A' | 'Series B', city: string): JsonObject => ({
  name,
  domain: `${name.toLowerCase().replaceAll(' ', '')}.example`,
  round,
  headquarters: city,
});

const companies = (records: readonly JsonObject[]): Answer =>
  listOf('companies', records, (record) => `https://${textIn(record, 'domain')}/about`);

const SHALE = company('Shalebase', 'Series A', 'San Francisco');
const VECTORLY = company('Vectorly Row', 'Series B', 'Berlin');
const MARROW = company('Marrowstore', 'Series A', 'San Francisco');
const OXBOW = company('Oxbow Index', 'Series B', 'Toronto');
const PLINTH = company('Plinth DB', 'Series A', 'New York');

/**
 * "More" is asked three times, each time after the last answer; a company of the first list and
 * one of the first more come back all the same, and the third answer brings nothing new.
 */
export const NARROW_LIST: Scenario = {
  pipeline: 'narrow-list',
  runs: [DAY_ONE],
  replies: [
    { asked: 'databases for AI', answer: companies([SHALE, VECTORLY, MARROW, OXBOW]) },
    {
      asked: 'Narrow that list',
      answer: listOf(
        'companies',
        [SHALE, MARROW].map((found, at) => ({
          name: textIn(found, 'name'),
          domain: textIn(found, 'domain'),
          open_roles: 4 + 3 * at,
          jobs_url: `https://${textIn(found, 'domain')}/jobs`,
        })),
        (record) => textIn(record, 'jobs_url'),
      ),
    },
    {
      asked: 'Find 10 more',
      answer: companies([PLINTH, OXBOW, company('Cinderlog', 'Series A', 'Lisbon')]),
    },
    {
      asked: 'Find 10 more',
      answer: companies([PLINTH, company('Hollyhock Data', 'Series B', 'Oslo')]),
    },
    { asked: 'Find 10 more', answer: companies([VECTORLY]) },
  ],
};
