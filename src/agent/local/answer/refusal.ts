import type { Table } from '../corpus/table.ts';
import { slotsOf, type Question } from './question.ts';
import type { Refusal, Research } from './answer.ts';
import { nameOf, type Slot } from '../schema/slots.ts';

/** Why no list can be given, or undefined when one can. */
export function refusalOf(question: Question, { corpus }: Research): Refusal | undefined {
  const { reading, shape, columnOf } = question;
  if (reading.unrankable !== undefined) return cannotRank(reading.unrankable, reading.table);
  const slots = slotsOf(shape);
  const inCorpus = (slot: Slot): boolean =>
    corpus.tables.some((table) => columnOf(slot, table) !== undefined);
  if (slots.length > 0) {
    return slots.some(inCorpus)
      ? undefined
      : noMatch(
          `No file of the corpus has a column for ${slots.map(nameOf).join(', ')}.`,
          corpus.tables,
        );
  }
  return reading.explained > 0 || reading.named
    ? undefined
    : noMatch(
        'Nothing in the query names a table, a column or a value of the corpus.',
        corpus.tables,
      );
}

function cannotRank(why: string, { path, columns }: Table): Refusal {
  const ranked = columns.filter(({ kind }) => /^(?:number|year|date)$/u.test(kind));
  const names = ranked.map(({ name }) => name).join(', ');
  return {
    code: 'CANNOT_RANK',
    message: `${why}. Say by which column of ${path} to rank: ${names === '' ? 'it has none with numbers or dates' : names}.`,
  };
}

function noMatch(why: string, tables: readonly Table[]): Refusal {
  const contents = tables.slice(0, 5).map(({ path, columns }) => {
    const names = columns.slice(0, 20).map(({ name }) => name);
    return `${path} has ${names.join(', ')}.`;
  });
  return { code: 'NO_MATCH', message: [why, ...contents].join(' ') };
}
