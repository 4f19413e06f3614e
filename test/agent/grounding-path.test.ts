import { expect, test } from 'vitest';
import { parseGroundingPath } from '../../src/agent/grounding-path.ts';

test.each([
  ['structured.found[0].name', ['structured', 'found', 0, 'name']],
  ['found[0]["any key"]', ['structured', 'found', 0, 'any key']],
  ['text', ['text']],
])('A path is read: %s', (field, path) => {
  expect(parseGroundingPath(field)).toEqual(path);
});

// Agents write them, and an answer that was paid for must not be lost over one.
test.each([
  ['a name with an escape that JSON does not have', 'structured.found[0]["\\x41"]'],
  ['a name with a line break in it', 'structured.found[0]["a\nb"]'],
  ['a name that is not closed', 'structured.found[0]["a'],
  ['nothing', ''],
])('What is no path is told apart: %s', (_, field) => {
  expect(parseGroundingPath(field)).toBeUndefined();
});
