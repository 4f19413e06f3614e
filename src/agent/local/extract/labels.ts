import { attributesIn, nameWords } from '../text/words.ts';

/** Names that schema.org gives to properties, in the words that people use. */
const PLAIN: Readonly<Record<string, string>> = {
  foundingDate: 'founded',
  dissolutionDate: 'dissolved',
  foundingLocation: 'founding place',
  numberOfEmployees: 'employees',
  addressLocality: 'city',
  addressRegion: 'state',
  addressCountry: 'country',
  streetAddress: 'street',
  postalCode: 'postal code',
  telephone: 'phone',
  faxNumber: 'fax',
  sameAs: 'profile',
  legalName: 'legal name',
  alternateName: 'alias',
  birthDate: 'born',
  deathDate: 'died',
  birthPlace: 'birth place',
  jobTitle: 'job title',
  worksFor: 'company',
  datePublished: 'published',
  dateModified: 'modified',
  dateCreated: 'created',
  priceCurrency: 'price currency',
  ratingValue: 'rating',
  reviewCount: 'reviews',
  ratingCount: 'ratings',
  softwareVersion: 'version',
  operatingSystem: 'operating system',
  applicationCategory: 'category',
  inLanguage: 'language',
  startDate: 'start',
  endDate: 'end',
  duration: 'running time',
  isbn: 'isbn',
  numberOfPages: 'pages',
  contentRating: 'content rating',
  productionCompany: 'production company',
  iataCode: 'iata code',
  icaoCode: 'icao code',
  url: 'website',
  headline: 'title',
  unitText: 'unit',
  currency: 'currency',
};
/** Objects that only hold properties of the thing itself. */
const HOLDERS =
  /^(?:address|location|geo|contactPoint|offers|aggregateRating|hiringOrganization|areaServed)$/u;

/** `address addressLocality` is `city`: the words of a property's name as people would write them. */
export function plainLabel(label: string): string {
  const parts = label.split(' ');
  const own = parts.filter((it, at) => at === parts.length - 1 || !HOLDERS.test(it));
  return own.map((it) => PLAIN[it] ?? it).join(' ');
}

/** Words that say of what kind a value is and not what it is about. */
const VAGUE = new Set(
  'year date number total amount in on of at the a its and by is as'.split(' '),
);

/**
 * One key for all labels that mean the same: `Founded in`, `Year founded` and `Established` are
 * one property.
 */
export function labelKey(label: string): string {
  const words = nameWords(label);
  const attributes = attributesIn(words).filter((word) => !VAGUE.has(word));
  const meant = attributes.length === 0 ? words : attributes;
  return [...new Set(meant)].toSorted().join(' ');
}
