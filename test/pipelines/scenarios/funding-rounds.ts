import type { JsonObject } from '../../../src/base/json.ts';
import { DAY_ONE, type Scenario } from '../scenario.ts';
import { listOf, textIn } from '../scripted-replies.ts';

const round = (
  company: string,
  kind: string,
  amount: number | null,
  announced: string,
  ...leads: readonly string[]
): JsonObject => {
  const host = `${company.split(/[\s,]/)[0]?.toLowerCase() ?? ''}.example`;
  return {
    company,
    website: `https://${host}`,
    round: kind,
    amount_usd: amount,
    announced_on: announced,
    lead_investors: leads,
    source_url: `https://${host}/news/${kind.toLowerCase().replaceAll(' ', '-')}`,
  };
};

/**
 * Ten records: one with a date that is none, one that is another in a different writing, and one
 * whose amount was not to be found though the schema requires it.
 */
export const FUNDING_ROUNDS: Scenario = {
  pipeline: 'funding-rounds',
  runs: [DAY_ONE],
  replies: [
    {
      asked: '10 most important',
      answer: listOf(
        'rounds',
        [
          round('Quillstone', 'Series B', 62_000_000, '2026-11-18', 'Harbor Nine Ventures'),
          round(
            'Tessera Compute',
            'Series C',
            140_000_000,
            '2026-11-12',
            'Oakline',
            'Meridian Row',
          ),
          round('Lumenrack', 'Series A', 18_500_000, '2026-11-20', 'Bright Quarry Capital'),
          round('Fathom Grid', 'Seed', 6_250_000, 'last spring', 'Oakline'),
          round('Quillstone, Inc.', 'Series B', 62_000_000, '2026-11-19', 'Harbor Nine Ventures'),
          round('Pebblecache', 'Series A', null, '2026-11-05'),
          round('Vantablock', 'Series D or later', 310_000_000, '2026-10-29', 'Meridian Row'),
          round('Kestrel Inference', 'Series B', 47_000_000, '2026-11-02', 'Long Field'),
          round('Ninefold Systems', 'Seed', 4_000_000, '2026-11-16', 'Bright Quarry Capital'),
          round('Quillstone', 'Other', 25_000_000, '2026-11-18', 'First Tidal Bank'),
        ],
        (record) => textIn(record, 'source_url'),
      ),
    },
  ],
};
