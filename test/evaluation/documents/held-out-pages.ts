import { Chance } from '../chance.ts';
import type { Documents, Gold } from './make-documents.ts';
import { escaped, pathOf, statedBy, type Page } from './render-pages.ts';
import { subjects, type Subject } from './subjects.ts';
import { written } from './write-values.ts';

/** So many values are in no document. */
const MISSING = 0.15;

type Lines = readonly (readonly [label: string, text: string])[];

const TYPES = { companies: 'Organization', countries: 'Country', movies: 'Movie' } as const;

/** Layouts that were written by another hand, after the agent. */
const LAYOUTS: Readonly<
  Record<string, (subject: Subject, lines: Lines, other: Subject) => string>
> = {
  microdata: (
    subject,
    _lines,
    other,
  ) => `<!doctype html><html><head><title>${escaped(subject.name)}</title></head><body>
<article itemscope itemtype="https://schema.org/${TYPES[subject.kind]}"><h1 itemprop="name">${escaped(subject.name)}</h1>
${statedBy(subject)
  .map(
    ([{ markup }, value]) =>
      `<p>${markup}: <span itemprop="${markup}">${escaped(typeof value === 'string' ? value : JSON.stringify(value))}</span></p>`,
  )
  .join('\n')}
</article><aside>More: ${escaped(other.name)}</aside></body></html>`,
  rows: (
    subject,
    lines,
    other,
  ) => `<html><head><title>${escaped(subject.name)} - Directory</title></head><body><header><h2>Directory</h2></header>
<main><h1>${escaped(subject.name)}</h1><table><tbody>${lines
    .map(([label, text]) => `<tr><td><strong>${label}</strong></td><td>${escaped(text)}</td></tr>`)
    .join(
      '',
    )}</tbody></table></main><footer>Next entry: ${escaped(other.name)}</footer></body></html>`,
  list: (
    subject,
    lines,
    other,
  ) => `<html><head><title>${escaped(subject.name)}</title></head><body><h1>${escaped(subject.name)}</h1>
<ul>${lines.map(([label, text]) => `<li><b>${label}:</b> ${escaped(text)}</li>`).join('\n')}</ul><p>You may also like ${escaped(other.name)}.</p></body></html>`,
  headings: (subject, lines) =>
    [`# ${subject.name}`, ...lines.map(([label, text]) => `## ${label}\n\n${text}`)].join('\n\n'),
  matter: (subject, lines, other) =>
    `---\ntitle: ${JSON.stringify(subject.name)}\n${lines
      .map(
        ([label, text]) => `${label.toLowerCase().replaceAll(' ', '_')}: ${JSON.stringify(text)}`,
      )
      .join('\n')}\n---\n\nNotes follow. See ${other.name}.`,
  text: (subject, lines) =>
    [
      subject.name,
      '='.repeat(subject.name.length),
      '',
      ...lines.map(([label, text]) => `${label}: ${text}`),
    ].join('\n'),
};

const ENDINGS: Readonly<Record<string, string>> = { headings: 'md', matter: 'md', text: 'txt' };

/** Documents about `count` things of each kind, in layouts that were held out. */
export function heldOutPages(count: number): Documents {
  const chance = new Chance('held-out pages');
  const names = Object.keys(LAYOUTS);
  const pages: Page[] = [];
  const gold: Gold[] = [];
  const all = subjects(count);
  for (const [at, whole] of all.own.entries()) {
    const form = names[at % names.length] ?? 'rows';
    const kept = Object.entries(whole.values).map(
      ([name, value]) => [name, chance.next() < MISSING ? null : value] as const,
    );
    const subject = { ...whole, values: Object.fromEntries(kept) };
    const other = chance.pick(all.others.filter(({ kind }) => kind === whole.kind));
    const lines = statedBy(subject).map(
      ([property, value]) =>
        [chance.pick(property.labels), written(property, value, chance)] as const,
    );
    const content = LAYOUTS[form]?.(subject, lines, other) ?? '';
    const path = pathOf(subject, ENDINGS[form] ?? 'html', at);
    pages.push({ path, content: `${content}\n` });
    const { kind, name, values } = subject;
    gold.push({ kind, name, form: `held-out ${form}`, values, disputed: undefined });
  }
  return { pages, gold };
}
