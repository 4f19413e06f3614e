import { expect, test } from 'vitest';
import { digestOf } from '../../src/base/fingerprint.ts';
import { SourceFile } from '../../src/base/source-file.ts';
import { EqualQuestions } from '../../src/execution/equal-questions.ts';
import type { AgentStep } from '../../src/pipeline/pipeline.ts';
import type { Question } from '../../src/plan/question.ts';

const span = { source: new SourceFile('demo.yaml', 'input: firms\n'), start: 0, end: 5 };

function questions(): EqualQuestions {
  const input: AgentStep['input'] = {
    from: { kind: 'records', records: [] },
    columns: undefined,
    where: undefined,
    limit: undefined,
    batch: 1,
    span,
  };
  return new EqualQuestions({ name: 'makers', input });
}

const question = (text: string, label: string): Question => ({
  path: [0],
  label,
  rows: [],
  fingerprint: digestOf(text),
});

const messages = (of: EqualQuestions): readonly string[] =>
  of.warnings.map(({ code, message }) => `${code} ${message}`);

test('records that all ask something else are no matter', () => {
  const all = questions();
  expect(['a', 'b', 'c'].map((text) => all.add(question(text, text)))).toEqual([true, true, true]);
  expect(all.warnings).toEqual([]);
});

test('a record that asks what one before asked is named along with that one', () => {
  const all = questions();
  expect(['a', 'b', 'a'].map((text, at) => all.add(question(text, `#${at + 1}`)))).toEqual([
    true,
    true,
    false,
  ]);
  expect(messages(all)).toEqual([
    'E-T65 in step "makers" 1 record makes the same request as one before, which is asked once: #3 (as #1)',
  ]);
});

test('the first pairs are named and the others counted', () => {
  const all = questions();
  for (let at = 0; at < 2_010; at++) all.add(question(String(at % 1_000), `#${at + 1}`));
  expect(messages(all)).toEqual([
    'E-T65 in step "makers" 1,010 records make the same request as one before, which is asked once: #1001 (as #1), #1002 (as #2), #1003 (as #3), #1004 (as #4), #1005 (as #5) and 1,005 more',
  ]);
});

test('the name of a first record is kept for the first ten thousand, so that memory is bounded', () => {
  const all = questions();
  for (let at = 0; at < 10_001; at++) all.add(question(String(at), `#${at + 1}`));
  all.add(question('9999', 'early'));
  all.add(question('10000', 'late'));
  expect(messages(all)).toEqual([
    'E-T65 in step "makers" 2 records make the same request as one before, which is asked once: early (as #10000), late',
  ]);
});

test('two records that ask the same are all of a step: nothing tells them apart', () => {
  const all = questions();
  for (const label of ['#1', '#2']) all.add(question('a', label));
  expect(messages(all)).toEqual([
    'E-T64 2 records of step "makers" make the same request, which is asked once: nothing in it tells them apart',
  ]);
});
