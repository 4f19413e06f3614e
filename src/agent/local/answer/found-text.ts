import type { Table } from '../corpus/table.ts';
import { grouped } from './describe.ts';
import type { Plan } from './follow-up.ts';
import type { Selected } from './select.ts';

/** What all documents of a corpus say together has no path of its own. */
const placeOf = ({ path }: Table): string => (path === '.' ? 'the documents' : path);

/** `Found 10 of 58 matching records in countries.csv (239 records)` */
export function foundText(table: Table, plan: Plan, { matching }: Selected, found: number): string {
  const of = matching > found ? ` of ${grouped(matching)} matching` : '';
  const short =
    plan.limit !== undefined && found < plan.limit
      ? ` (${grouped(plan.limit)} were asked for)`
      : '';
  const noun = found === 1 && of === '' ? 'record' : 'records';
  return `Found ${grouped(found)}${of} ${noun} in ${placeOf(table)} (${grouped(table.rows)} in all)${short}`;
}
