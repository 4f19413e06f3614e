import type { JsonObject } from '../../../src/base/json.ts';
import { DAY_ONE, type Scenario } from '../scenario.ts';
import { listOf, type Answer, type Reply, textIn } from '../scripted-replies.ts';

const company = (
  name: string,
  now: number | null,
  yearAgo: number,
  founded: string | null = null,
): JsonObject => ({
  name,
  domain: `${name.toLowerCase().replaceAll(' ', '')}.example`,
  headcount: now,
  headcount_year_ago: yearAgo,
  founded_on: founded,
});

const peopleAt = (
  domain: string,
  people: readonly (readonly [name: string, title: string, hasProfile?: boolean])[],
  answer: Pick<Answer, 'dollars' | 'stopReason'>,
): Reply => ({
  asked: 'Who decides about data infrastructure',
  about: domain,
  answer: {
    ...listOf(
      'people',
      people.map(([name, title, hasProfile = true]) => ({
        domain,
        name,
        job_title: title,
        profile_url: hasProfile
          ? `https://people.example.org/${name.toLowerCase().replaceAll(' ', '-')}`
          : null,
      })),
      () => `https://${domain}/team`,
    ),
    ...answer,
  },
});

/**
 * One head count is null though the schema requires it, and one company shrinks: neither is on the
 * short list. One agent run reaches its ceiling and gives what it has.
 */
export const MULTI_HOP: Scenario = {
  pipeline: 'multi-hop',
  runs: [DAY_ONE],
  replies: [
    {
      asked: 'climate technology companies',
      answer: listOf(
        'companies',
        [
          company('Heatloop', 260, 200, '2015-04-01'),
          company('Mosswatt', 90, 60),
          company('Gridfern', null, 120),
          company('Tidalcraft', 410, 395, '2009-09-17'),
          company('Brineworks', 75, 110),
          company('Sunquarry', 180, 120),
          company('Aerofallow', 66, 55, '2021-01-30'),
          company('Peatland Systems', 132, 130),
        ],
        (record) => `https://${textIn(record, 'domain')}/company`,
      ),
    },
    peopleAt(
      'mosswatt.example',
      [
        ['Henrike Solbakken', 'Head of Data'],
        ['Piet Nordahl', 'Staff Engineer', false],
      ],
      { dollars: 0.41 },
    ),
    peopleAt('sunquarry.example', [['Amaru Delacroix', 'VP Engineering']], {
      dollars: 1,
      stopReason: 'budget_reached',
    }),
    peopleAt('heatloop.example', [['Sefa Lindqvist', 'Chief Technology Officer']], {
      dollars: 0.28,
    }),
    peopleAt('aerofallow.example', [], { dollars: 0.63 }),
    peopleAt('tidalcraft.example', [['Noor Achterberg', 'Director of Platform']], {
      dollars: 0.35,
    }),
  ],
};
