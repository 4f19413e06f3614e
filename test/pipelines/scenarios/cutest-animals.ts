import { DAY_ONE, type Scenario } from '../scenario.ts';
import { listOf, textIn } from '../scripted-replies.ts';

const animal = (name: string) => ({
  animal: name,
  source_url: `https://zoo.example/${name.toLowerCase().replaceAll(' ', '-')}`,
});

/** One animal that was to be left out comes back, and one comes twice. */
export const CUTEST_ANIMALS: Scenario = {
  pipeline: 'cutest-animals',
  runs: [DAY_ONE],
  replies: [
    {
      asked: 'cutest animals',
      answer: listOf(
        'animals',
        [
          animal('Quokka'),
          animal('Red panda'),
          animal('Panda'),
          animal('Sea otter'),
          animal('Fennec fox'),
          animal('Sugar glider'),
          animal('Harp seal'),
          animal('Axolotl'),
          animal('Slow loris'),
          animal('Sea  Otter'),
        ],
        (record) => textIn(record, 'source_url'),
      ),
    },
  ],
};
