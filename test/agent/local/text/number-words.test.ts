import { expect, test } from 'vitest';
import { numberInWords } from '../../../../src/agent/local/text/number-words.ts';

const CASES: readonly {
  readonly words: string;
  readonly value?: number;
  readonly length?: number;
}[] = [
  { words: 'twenty five people', value: 25, length: 2 },
  { words: 'two dozen', value: 24, length: 2 },
  { words: 'half a dozen', value: 6, length: 3 },
  { words: 'half a million dollars', value: 500_000, length: 3 },
  { words: 'one thousand five hundred people', value: 1_500, length: 4 },
  { words: 'a hundred and fifty', value: 150, length: 4 },
  { words: 'one hundred and two hundred', value: 100, length: 2 },
  { words: 'five hundred thousand', value: 500_000, length: 3 },
  { words: 'two and a half million', value: 2_500_000, length: 5 },
  { words: 'eight and a half', value: 8.5, length: 4 },
  { words: 'three hundred and twenty one thousand', value: 300, length: 2 },
  { words: 'one company' },
  { words: 'a company' },
  { words: 'half of them' },
  { words: 'fifty fifty', value: 50, length: 1 },
];

test.each(CASES)('“$words” begins with $value', ({ words, ...number }) => {
  expect(numberInWords(words.split(' '))).toEqual('value' in number ? number : undefined);
});
