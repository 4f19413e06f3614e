import type { JsonObject } from '../../../src/base/json.ts';
import { DAY_ONE, type Scenario } from '../scenario.ts';
import { listOf, type Reply, textIn } from '../scripted-replies.ts';

const tool = (name: string, launched: string, open: boolean | null = null): JsonObject => ({
  name,
  website: `https://${name.toLowerCase()}.example`,
  launched_on: launched,
  summary: `${name} scores what an agent did, step by step.`,
  open_source: open,
});

const tools = (records: readonly JsonObject[]): Reply => ({
  asked: 'tools for evaluating AI agents',
  answer: listOf(
    'tools',
    records,
    (record) => `https://news.example.org/${textIn(record, 'name')}`,
  ),
});

export const WEEKS: readonly string[] = [
  DAY_ONE,
  // Some minutes early.
  '2026-11-30T08:52:00.000Z',
  '2026-12-07T09:03:00.000Z',
];

/**
 * Three weeks. What was known before, what an earlier week found, and what the same answer has
 * already, come back in other writings; one find has no website.
 */
export const WEEKLY_FINDS: Scenario = {
  pipeline: 'weekly-finds',
  runs: WEEKS,
  replies: [
    tools([
      tool('Rubrica', '2026-10-06', true),
      { ...tool('Gradeline', '2026-02-11'), website: 'https://gradeline.example' },
      tool('Verdictor', '2026-11-02', false),
      tool('Tracewise', '2026-11-14', true),
      tool('Mockingbench', '2026-09-30'),
      tool('Evalgarden', '2026-10-21', true),
    ]),
    tools([
      { ...tool('Verdictor', '2026-11-02', false), website: 'https://www.verdictor.example/' },
      tool('Stepscore', '2026-11-24', true),
      tool('Regressa', '2026-11-19', false),
      { ...tool('Stepscore Cloud', '2026-11-25'), website: 'http://stepscore.example' },
      tool('Goldenset', '2026-11-26', true),
    ]),
    tools([
      tool('Judgeroom', '2026-12-01', null),
      { ...tool('Unnamed prototype', '2026-12-02'), website: null },
      tool('Rubrica', '2026-10-06', true),
      tool('Replayhouse', '2026-12-03', true),
    ]),
  ],
};
