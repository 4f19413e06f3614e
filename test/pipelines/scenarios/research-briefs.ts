import type { JsonObject } from '../../../src/base/json.ts';
import { DAY_ONE, type Scenario } from '../scenario.ts';
import { listOf, recordOf, type Reply, textIn } from '../scripted-replies.ts';

const brief = (
  domain: string,
  overview: string,
  changes: readonly string[],
  competitors: readonly string[],
): Reply => ({
  asked: 'research brief',
  about: domain,
  answer: recordOf(
    {
      domain,
      overview,
      recent_changes: changes,
      competitors,
      source_urls: [`https://${domain}/about`, `https://news.example.org/${domain}`],
    },
    `https://${domain}/about`,
  ),
});

/** Fails and is paid for all the same. */
const failing: Reply = {
  asked: 'research brief',
  about: 'elmstead.example',
  answer: {
    status: 'failed',
    error: { type: 'SERVER_ERROR', code: 'TIMEOUT', message: 'The agent run took too long.' },
  },
};

const figure = (
  domain: string,
  country: string,
  founded: number,
  employees: number | null,
): JsonObject => ({ domain, country, founded, employees });

const figures = (about: string, records: readonly JsonObject[]): Reply => ({
  asked: 'country of its headquarters',
  about,
  answer: listOf('figures', records, (record) => `https://${textIn(record, 'domain')}/facts`),
});

/**
 * One brief fails each time. The first batch has no record for one of its five companies, which is
 * asked alone in the second run.
 */
export const RESEARCH_BRIEFS: Scenario = {
  pipeline: 'research-briefs',
  runs: [DAY_ONE, '2026-11-24T09:00:00.000Z'],
  replies: [
    brief(
      'alder.example',
      'Sells robot arms to small workshops.',
      ['Opened a second plant in March.'],
      ['Birchway'],
    ),
    brief('birchway.example', 'Rents out packing lines.', [], ['Alder Robotics']),
    brief(
      'cobaltkin.example',
      'Makes pigments for ceramics.',
      ['Stopped its paint business.', 'Hired a new chief executive.'],
      [],
    ),
    brief('duenenwind.example', 'Plans wind farms on the coast.', ['Sold its office in Kiel.'], []),
    failing,
    brief('fernhollow.example', 'Freezes vegetables for canteens.', [], ['Hollow & Sons']),
    brief('greywater.example', 'Measures water in pipes.', ['Raised prices by 4 %.'], ['Tidewell']),
    figures('alder.example', [
      figure('duenenwind.example', 'Germany', 1998, 210),
      figure('alder.example', 'Canada', 2011, 340),
      figure('birchway.example', 'Ireland', 2004, null),
      figure('elmstead.example', 'Belgium', 1987, 1_250),
    ]),
    figures('fernhollow.example', [
      figure('fernhollow.example', 'Denmark', 1961, 4_800),
      figure('greywater.example', 'Chile', 2016, 45),
    ]),
    failing,
    figures('cobaltkin.example', [figure('cobaltkin.example', 'Portugal', 1954, 95)]),
  ],
};
