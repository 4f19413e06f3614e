// Reads documents that are meant to take for ever, in a process that its test can end. Prints how
// many were read.
import process from 'node:process';
import { valueInQuote } from '../../../../src/agent/local/claims/value-in-quote.ts';
import type { DocumentFormat } from '../../../../src/agent/local/corpus/document.ts';
import { readDocument } from '../../../../src/agent/local/extract/read-document.ts';
import { aliasesOf, nameFromTitle } from '../../../../src/agent/local/extract/subject.ts';

const LONG = 100_000;
/** Many sentences, each as long as one that is read can be. */
const sentences = (words: string): string =>
  `${words.repeat(Math.floor(980 / words.length))}. `.repeat(400);

const HOSTILE: readonly (readonly [DocumentFormat, string])[] = [
  ...['Xa ', 'its ', 'a-', '1,', '$1 ', 'Its aa ', '(+49) 1-', 'A@b.c ', 'Of The ', "A's "].map(
    (words) => ['text', sentences(words)] as const,
  ),
  ['text', 'Xa '.repeat(LONG * 3)],
  ['text', `Acme was founded in 2015${'.'.repeat(LONG)}x`],
  ['text', `${'\n '.repeat(LONG)}x`],
  ['markdown', `---\na: ${'['.repeat(32)}${'x'.repeat(1_000)}\n---\ntext`],
  ['markdown', `> ${'\n'.repeat(LONG)}Founded: 2015`],
  ['html', `<title>${' '.repeat(LONG)}|${':'.repeat(LONG)}</title><p>Acme</p>`],
  ['html', `<h1>${'(('.repeat(LONG)}</h1><p>Founded in 2015</p>`],
  ['html', `<dl><dt>Founded${' '.repeat(LONG)}</dt><dd>${'a'.repeat(LONG)} 2015</dd></dl>`],
  ['html', `<p>${'&nbsp;'.repeat(LONG)}x</p>`],
];

let read = 0;
for (const [format, source] of HOSTILE) {
  readDocument('page', format, source);
  read++;
}
nameFromTitle(`${' '.repeat(LONG)}x${':'.repeat(LONG)}`);
aliasesOf(`${'('.repeat(LONG)}${' '.repeat(LONG)}x`);
valueInQuote(`A${'@'.repeat(LONG)} x`, 'A');
process.stdout.write(`${read} of ${HOSTILE.length}`);
