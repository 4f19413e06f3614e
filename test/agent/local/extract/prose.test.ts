import { expect, test } from 'vitest';
import { ProseReader } from '../../../../src/agent/local/extract/prose.ts';
import { sentencesOf } from '../../../../src/agent/local/extract/sentences.ts';
import { PlainText } from '../../../../src/agent/local/corpus/plain-text.ts';

const sentences = (text: string): readonly string[] => {
  const passage = new PlainText();
  passage.append(text, 0);
  return sentencesOf(passage).map((sentence) => sentence.text);
};

/** `label value`, with `name: ` before what is stated of something else. */
function statedIn(subject: string, text: string): readonly string[] {
  const reader = new ProseReader(subject);
  return sentences(text).flatMap((sentence) =>
    reader
      .read(sentence)
      .map(
        ({ about, label, start, end }) =>
          `${about === undefined ? '' : `${about}: `}${label} ${sentence.slice(start, end)}`,
      ),
  );
}

test('sentences end where they end', () => {
  expect(
    sentences('Dr. Jo Kim leads Acme Inc. in the U.S. today. It grew 3.5 times! Really? Yes.'),
  ).toEqual([
    'Dr. Jo Kim leads Acme Inc. in the U.S. today.',
    'It grew 3.5 times!',
    'Really?',
    'Yes.',
  ]);
});

const CASES: readonly (readonly [text: string, stated: readonly string[]])[] = [
  [
    'Acme was founded in 2015 and is based in Berlin, Germany.',
    ['founded 2015', 'headquarters Berlin, Germany'],
  ],
  ['Established in March 2015, Acme sells arms.', ['founded March 2015']],
  ['Jo Kim founded Acme in 2015.', ['founded 2015', 'founder Jo Kim']],
  ['The company employs about 1,200 people.', ['employees 1,200']],
  ['Acme raised $20 million in a Series A.', ['funding $20 million']],
  ['The CEO of Acme is Jo Kim.', ['CEO Jo Kim']],
  ['Jo Kim serves as chief executive of Acme.', ['ceo Jo Kim']],
  ['Its revenue reached €4.5bn.', ['revenue €4.5bn']],
  ['Oslo-based Acme makes arms.', ['headquarters Oslo']],
  // Of somebody else, and so not of Acme.
  ['Its rival Bolt Data was founded in 2009.', ['Bolt Data: founded 2009']],
  ['Bolt Data, an old competitor, employs 300 people.', ['Bolt Data: employees 300']],
  ['Unlike Bolt Data, which is based in Oslo, Acme never moved.', ['Bolt Data: headquarters Oslo']],
  ['Its biggest rival was founded in 2009.', []],
  // Not stated.
  ['Acme was not founded in 2009.', []],
  ['Acme plans to raise $90 million.', []],
  ['Acme has many employees and a long history.', []],
];

test.each(CASES)('%s', (text, stated) => {
  expect(new Set(statedIn('Acme', text))).toEqual(new Set(stated));
});

test('a pronoun means what the sentence before was about, or nothing that is known', () => {
  expect(statedIn('Acme', 'Acme sells arms. It was founded in 2015.')).toEqual(['founded 2015']);
  expect(statedIn('Acme', 'Bolt Data is older. It was founded in 2009.')).toEqual([
    'Bolt Data: founded 2009',
  ]);
  expect(statedIn('Acme', 'Its biggest rival is older. It was founded in 2009.')).toEqual([]);
});

test('a country, its capital, and the capital of another one', () => {
  expect(
    statedIn('Nigeria', 'Its capital is Abuja. The country covers 923,768 square kilometres.'),
  ).toEqual(['capital Abuja', 'area 923,768 square kilometres']);
  expect(statedIn('Nigeria', 'Accra is the capital of Ghana.')).toEqual(['Ghana: capital Accra']);
});
