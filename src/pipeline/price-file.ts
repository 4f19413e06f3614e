import { fromDollars, type Microdollars } from '../base/money.ts';
import { fail, ok, type Result } from '../base/result.ts';
import type { Span } from '../base/source-file.ts';
import {
  CURRENT_PRICE_BOOK,
  PRICE_BOOKS,
  priceBook,
  type EffortPrice,
  type PriceBook,
} from '../cost/price-book.ts';
import { errorAt, errorInFile, type Diagnostic } from '../diagnostics/diagnostic.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import { parseYaml } from './parse.ts';
import type { ParsedDocument } from './parsed-document.ts';
import { PIPELINE_FILE_BYTES, type ProjectFiles } from './project-files.ts';
import { readText } from './read-text.ts';
import type { PricesSpec } from './spec.ts';
import { validatePrices } from './validate.ts';

/** Which prices hold, by the `prices` of a project file: a book by its name, or a file with one. */
export async function choosePrices(
  named: string | undefined,
  document: ParsedDocument,
  files: ProjectFiles,
  from: string,
): Promise<Result<PriceBook, readonly Diagnostic[]>> {
  if (named === undefined) return ok(CURRENT_PRICE_BOOK);
  if (isPriceFile(named)) {
    const read = await readPriceFile(named, files, from);
    // A file that cannot be had is a mistake of the line that names it.
    const span = document.locate(['prices']);
    return read.ok ? read : fail(read.error.map((it) => placedAt(it, span)));
  }
  const book = priceBook(named);
  if (book !== undefined) return ok(book);
  const span = document.locate(['prices']);
  return fail([
    errorAt('E-Y27', span, `"prices": there is no price book "${named}"`, known(named)),
  ]);
}

const placedAt = (diagnostic: Diagnostic, span: Span): Diagnostic =>
  diagnostic.place.kind === 'span' ? diagnostic : { ...diagnostic, place: { kind: 'span', span } };

const known = (name: string): string => {
  const ids = PRICE_BOOKS.map(({ id }) => id);
  const near = didYouMean(name, ids, 'price books');
  return near.endsWith('?')
    ? `${near} A file with your own ends with .yaml`
    : `${near}; a file with your own ends with .yaml`;
};

/** Whether a name of prices is that of a file. */
export const isPriceFile = (name: string): boolean => /\.ya?ml$/u.test(name);

/** Reads a price book of the user's own. `from` is the file that names it, if one does. */
export async function readPriceFile(
  path: string,
  files: ProjectFiles,
  from?: string,
): Promise<Result<PriceBook, readonly Diagnostic[]>> {
  const options = { maxBytes: PIPELINE_FILE_BYTES, ...(from !== undefined && { from }) };
  const file = await files.read(path, options);
  if (!file.ok) {
    const { code, message, help } = file.error;
    return fail([errorInFile(code, { path }, message, help)]);
  }
  const source = readText(file.value.shownPath, file.value.bytes);
  if (!source.ok) return source;
  const prices = parseYaml(source.value, 'start with version, name, date and efforts');
  if (!prices.ok) return prices;
  const spec = await validatePrices(prices.value);
  return spec.ok ? resolvePrices(spec.value, prices.value) : spec;
}

function resolvePrices(
  spec: PricesSpec,
  document: ParsedDocument,
): Result<PriceBook, readonly Diagnostic[]> {
  const base = spec.based_on === undefined ? undefined : priceBook(spec.based_on);
  const efforts = { ...base?.efforts, ...effortsOf(spec) };
  const defaultEffort = spec.default_effort ?? base?.defaultEffort ?? '';
  const problems = [
    ...nameProblems(spec, base, document),
    ...(spec.based_on === undefined ? missingAmounts(spec, document) : []),
    ...effortProblems(defaultEffort, Object.keys(efforts), document),
  ];
  if (problems.length > 0) return fail(problems);
  return ok({
    id: spec.name,
    date: spec.date,
    efforts,
    defaultEffort,
    ...amountsOf(spec, base),
    takesBudget: spec.takes_budget ?? base?.takesBudget ?? false,
  });
}

const amountsOf = (
  spec: PricesSpec,
  base: PriceBook | undefined,
): Pick<PriceBook, 'email' | 'phoneNumber' | 'search' | 'agentComputeUnit'> => ({
  email: amount(spec.email, base?.email),
  phoneNumber: amount(spec.phone_number, base?.phoneNumber),
  search: amount(spec.search, base?.search),
  agentComputeUnit: amount(spec.agent_compute_unit, base?.agentComputeUnit),
});

function nameProblems(
  { name, based_on: basedOn }: PricesSpec,
  base: PriceBook | undefined,
  document: ParsedDocument,
): readonly Diagnostic[] {
  const problems: Diagnostic[] = [];
  if (basedOn !== undefined && base === undefined) {
    const ids = PRICE_BOOKS.map(({ id }) => id);
    const message = `"based_on": there is no price book "${basedOn}"`;
    const help = didYouMean(basedOn, ids, 'price books');
    problems.push(errorAt('E-Y27', document.locate(['based_on']), message, help));
  }
  if (priceBook(name) !== undefined) {
    const message = `"name": "${name}" is a price book of Fieldwork`;
    const help = 'give yours a name of its own';
    problems.push(errorAt('E-Y27', document.locate(['name']), message, help));
  }
  return problems;
}

function effortProblems(
  named: string,
  efforts: readonly string[],
  document: ParsedDocument,
): readonly Diagnostic[] {
  if (efforts.includes(named)) return [];
  const span = document.locate(['default_effort']);
  const message =
    named === ''
      ? '"default_effort": it is not said which effort a request without one gets'
      : `"default_effort": "${named}" is not among the efforts`;
  return [errorAt('E-Y27', span, message, didYouMean(named, efforts, 'efforts'))];
}

/** A price that is not known is not 0: without a book below, all of them have to be said. */
const missingAmounts = (spec: PricesSpec, document: ParsedDocument): readonly Diagnostic[] =>
  (['email', 'phone_number', 'search', 'agent_compute_unit'] as const)
    .filter((key) => spec[key] === undefined)
    .map((key) => {
      const help = 'say what it costs, or which book it is "based_on"';
      return errorAt('E-Y26', document.locateKey([]), `the key "${key}" is missing`, help);
    });

const effortsOf = ({ efforts }: PricesSpec): Readonly<Record<string, EffortPrice>> =>
  Object.fromEntries(
    Object.entries(efforts).map(([name, price]) => [
      name,
      typeof price === 'number'
        ? { kind: 'fixed', price: fromDollars(price) }
        : {
            kind: 'metered',
            cap: price.up_to === undefined ? undefined : fromDollars(price.up_to),
          },
    ]),
  );

/** What is not said is that of the book below. */
const amount = (dollars: number | undefined, base: Microdollars | undefined): Microdollars =>
  dollars === undefined ? (base ?? fromDollars(0)) : fromDollars(dollars);
