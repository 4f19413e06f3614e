import type { Json } from '../../../src/base/json.ts';
import type { Chance } from '../chance.ts';
import { PROPERTIES, type Property, type Subject } from './subjects.ts';
import { written } from './write-values.ts';

/** Forms of documents whose layout says what is what. */
export type PageForm = 'jsonld' | 'infobox' | 'pairs' | 'table';

/** A file of the corpus. */
export interface Page {
  readonly path: string;
  readonly content: string;
}

const TYPES = { companies: 'Organization', countries: 'Country', movies: 'Movie' } as const;

export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

const slug = (name: string): string => name.toLowerCase().replace(/[^a-z\d]+/gu, '-');

export const pathOf = ({ kind, name }: Subject, ending: string, number: number): string =>
  `${kind}/${slug(name)}-${number}.${ending}`;

/** The properties that a page states, with their values. */
export const statedBy = (subject: Subject): readonly (readonly [Property, Json])[] =>
  PROPERTIES[subject.kind].flatMap((property) => {
    const value = subject.values[property.name] ?? null;
    return value === null ? [] : [[property, value] as const];
  });

/** Another thing of the same kind is spoken of on every page, with values of its own. */
export function renderPage(
  form: Exclude<PageForm, 'table'>,
  subject: Subject,
  other: Subject,
  number: number,
  chance: Chance,
): Page {
  if (form === 'jsonld') return jsonLd(subject, other, number);
  return form === 'infobox'
    ? infobox(subject, other, number, chance)
    : pairs(subject, other, number, chance);
}

/** A sentence of the first family of prose, about another thing. */
const aside = (other: Subject, chance: Chance): string =>
  statedBy(other)
    .slice(0, 2)
    .map(([property, value]) => {
      const label = property.labels[0]?.toLowerCase() ?? '';
      return `For ${other.name} the ${label} is ${written(property, value, chance)}.`;
    })
    .join(' ');

function jsonLd(subject: Subject, other: Subject, number: number): Page {
  const named = (property: Property, value: Json): Json => {
    if (property.name === 'running_time_min') return `${value as number} min`;
    if (property.name.endsWith('_km2'))
      return { '@type': 'QuantitativeValue', value, unitText: 'km2' };
    if (/^(?:employees)$/u.test(property.name)) return { '@type': 'QuantitativeValue', value };
    return /^(?:director|ceo|distributor)$/u.test(property.name)
      ? { '@type': 'Person', name: value }
      : value;
  };
  const facts = statedBy(subject).map(
    ([property, value]) => [property.markup, named(property, value)] as const,
  );
  const data = {
    '@context': 'https://schema.org',
    '@type': TYPES[subject.kind],
    name: subject.name,
    ...Object.fromEntries(facts),
  };
  const crumbs = {
    '@context': 'https://schema.org',
    '@type': 'BreadcrumbList',
    itemListElement: [{ '@type': 'ListItem', name: other.name }],
  };
  return {
    path: pathOf(subject, 'html', number),
    content: `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escaped(subject.name)} | Register</title>
<script type="application/ld+json">${JSON.stringify(data, null, 1)}</script>
<script type="application/ld+json">${JSON.stringify(crumbs)}</script></head>
<body><nav><a href="/">Register</a></nav><h1>${escaped(subject.name)}</h1><p>An entry of the register. See also ${escaped(other.name)}.</p></body></html>
`,
  };
}

function infobox(subject: Subject, other: Subject, number: number, chance: Chance): Page {
  const rows = statedBy(subject).map(
    ([property, value]) =>
      [chance.pick(property.labels), written(property, value, chance)] as const,
  );
  const body =
    chance.next() < 0.5
      ? `<table class="infobox"><caption>${escaped(subject.name)}</caption>${rows.map(([label, text]) => `<tr><th>${label}</th><td>${escaped(text)}</td></tr>`).join('\n')}</table>`
      : `<dl>${rows.map(([label, text]) => `<dt>${label}</dt><dd><b>${escaped(text)}</b></dd>`).join('\n')}</dl>`;
  return {
    path: pathOf(subject, 'html', number),
    content: `<html><head><title>${escaped(subject.name)} – Facts</title></head><body><h1>${escaped(subject.name)}</h1>${body}
<p>${escaped(aside(other, chance))}</p></body></html>\n`,
  };
}

function pairs(subject: Subject, other: Subject, number: number, chance: Chance): Page {
  const style = chance.below(3);
  const lines = statedBy(subject).map(([property, value]) => {
    const [label, text] = [chance.pick(property.labels), written(property, value, chance)];
    return style === 0
      ? `**${label}:** ${text}`
      : style === 1
        ? `- ${label}: ${text}`
        : `| ${label} | ${text} |`;
  });
  const body = style === 2 ? ['| Field | Value |', '| --- | --- |', ...lines] : lines;
  return {
    path: pathOf(subject, 'md', number),
    content: `# ${subject.name}\n\n${body.join(style === 0 ? '  \n' : '\n')}\n\n## See also\n\n${aside(other, chance)}\n`,
  };
}

/** One page with a row for each thing. */
export function renderTable(all: readonly Subject[], number: number, chance: Chance): Page {
  const [first] = all;
  if (first === undefined) throw new Error('A table needs rows.');
  const properties = PROPERTIES[first.kind];
  const labels = properties.map(({ labels: names }) => chance.pick(names));
  const cells = all.map((subject) => [
    subject.name,
    ...properties.map((property) => {
      const value = subject.values[property.name] ?? null;
      return value === null ? '' : written(property, value, chance);
    }),
  ]);
  const row = (tag: string, texts: readonly string[]): string =>
    `<tr>${texts.map((text) => `<${tag}>${escaped(text)}</${tag}>`).join('')}</tr>`;
  return {
    path: `${first.kind}/list-${number}.html`,
    content: `<html><head><title>List of ${first.kind}</title></head><body><h1>List of ${first.kind}</h1><table>${row('th', ['Name', ...labels])}\n${cells.map((texts) => row('td', texts)).join('\n')}</table></body></html>\n`,
  };
}
