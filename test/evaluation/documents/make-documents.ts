import type { Json } from '../../../src/base/json.ts';
import { Chance } from '../chance.ts';
import { renderProse, type ProseFamily } from './prose-families.ts';
import { renderPage, renderTable, type Page, type PageForm } from './render-pages.ts';
import { PROPERTIES, subjects, type Kind, type Subject } from './subjects.ts';

/** A thing that documents of the corpus are about, and what they state of it. */
export interface Gold {
  readonly kind: Kind;
  readonly name: string;
  /** How its documents are written: a form, or the name of a family of prose. */
  readonly form: string;
  /** By property; null for what no document states. */
  readonly values: Readonly<Record<string, Json>>;
  /** The property of which one more document says something else. */
  readonly disputed: string | undefined;
}

export interface Documents {
  readonly pages: readonly Page[];
  readonly gold: readonly Gold[];
}

/** So many values are in no document, and so many things have a document that contradicts. */
const [MISSING, DISPUTED] = [0.15, 0.1];
const FORMS: readonly PageForm[] = ['jsonld', 'infobox', 'pairs', 'table'];

/** Documents about `count` things of each kind, each in one of the forms of pages. */
export function pageDocuments(count: number): Documents {
  const chance = new Chance('pages');
  const pages: Page[] = [];
  const gold: Gold[] = [];
  const listed = new Map<Kind, Subject[]>();
  const all = subjects(count);
  for (const [at, whole] of all.own.entries()) {
    const subject = withGaps(whole, chance);
    const form = FORMS[at % FORMS.length] ?? 'jsonld';
    const others = all.others.filter(({ kind }) => kind === whole.kind);
    if (form === 'table') listed.set(subject.kind, [...(listed.get(subject.kind) ?? []), subject]);
    else pages.push(renderPage(form, subject, chance.pick(others), at, chance));
    const other = form === 'table' ? undefined : contradicted(subject, others, chance);
    if (other !== undefined && form !== 'table') {
      // Two say the one thing and one says the other.
      pages.push(renderPage(form, subject, chance.pick(others), at + 10_000, chance));
      pages.push(renderPage('pairs', other.subject, chance.pick(others), at + 20_000, chance));
    }
    gold.push({
      kind: subject.kind,
      name: subject.name,
      form,
      values: subject.values,
      disputed: other?.property,
    });
  }
  let number = 0;
  for (const rows of listed.values()) pages.push(renderTable(rows, number++, chance));
  return { pages, gold };
}

/** Documents in prose about `count` things of each kind, in turn in each of the families. */
export function proseDocuments(families: readonly ProseFamily[], count: number): Documents {
  const chance = new Chance('prose');
  const pages: Page[] = [];
  const gold: Gold[] = [];
  const all = subjects(count);
  for (const [at, whole] of all.own.entries()) {
    const subject = withGaps(whole, chance);
    const family = families[at % families.length];
    if (family === undefined) throw new Error('There are no families of prose.');
    const others = all.others.filter(({ kind }) => kind === whole.kind);
    pages.push(renderProse(family, subject, chance.pick(others), at, chance));
    gold.push({
      kind: subject.kind,
      name: subject.name,
      form: family.name,
      values: subject.values,
      disputed: undefined,
    });
  }
  return { pages, gold };
}

function withGaps(subject: Subject, chance: Chance): Subject {
  const values = Object.entries(subject.values).map(
    ([name, value]) => [name, chance.next() < MISSING ? null : value] as const,
  );
  return { ...subject, values: Object.fromEntries(values) };
}

/** Now and then the same thing with a value of another one. */
function contradicted(
  subject: Subject,
  others: readonly Subject[],
  chance: Chance,
): { readonly subject: Subject; readonly property: string } | undefined {
  if (chance.next() >= DISPUTED) return undefined;
  const [property] = PROPERTIES[subject.kind].filter(({ name }) => subject.values[name] !== null);
  const other =
    property === undefined
      ? undefined
      : others.find(
          (it) =>
            it.values[property.name] !== subject.values[property.name] &&
            it.values[property.name] !== null,
        );
  if (property === undefined || other === undefined) return undefined;
  const values = { [property.name]: other.values[property.name] ?? null };
  return { subject: { ...subject, values }, property: property.name };
}
