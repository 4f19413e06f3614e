/** Words that carry no condition: asking, pointing, joining. */
export const FILLER: ReadonlySet<string> = new Set(
  `a an the this that these those it its it's they them their there here he she his her
  i me my we us our you your please can could would should will shall may might must
  find list give show get return name tell fetch pull provide include add fill report state write
  look search retrieve want need know make see identify collect compile extract determine
  is are was were be been being am do does did has have had having get gets got
  of in on at by from to into for with within as per about via and or but also plus then than so
  which what who whose whom where when why how many much
  all every each any both some only just
  one ones record row item entry entries result results table data input output field fields
  column columns value values detail details fact facts information following given above
  up out down well far way together along respectively currently current now today exactly
  each's e.g i.e etc located situated based lying found use uses used using speak speaks spoken speaking
  call called became become gained gain won belong belongs part member members such same
  range ranging according corpus source sources file answer question full complete names order ranked ranking rank
  sort sorted ordered descending ascending first last`
    .split(/\s+/u)
    .filter(Boolean),
);

/** Words for the same kind of record: who asks for startups means the records of companies. */
const SAME_RECORDS: readonly (readonly string[])[] = [
  [
    'company',
    'firm',
    'business',
    'startup',
    'corporation',
    'enterprise',
    'employer',
    'organisation',
    'organization',
  ],
  ['movie', 'film', 'picture'],
  ['country', 'nation', 'state', 'land'],
  ['car', 'automobile', 'vehicle'],
  ['person', 'individual', 'human'],
  ['city', 'town', 'municipality'],
  ['airport', 'airfield', 'aerodrome'],
  ['product', 'article', 'good'],
  ['book', 'title'],
];

/** The words for the records, and others that mean the same. */
export const nounsLike = (nouns: Iterable<string>): ReadonlySet<string> => {
  const own = [...nouns];
  const like = SAME_RECORDS.filter((group) => group.some((word) => own.includes(word)));
  return new Set([...own, ...like.flat()]);
};

/** Words that turn the condition after them round. */
export const NEGATORS: ReadonlySet<string> = new Set([
  'not',
  'non',
  'no',
  'except',
  'excepting',
  'excluding',
  'without',
  'outside',
  'never',
  'nor',
  'isnt',
  'arent',
  'wasnt',
  'werent',
  'dont',
  'doesnt',
  'neither',
  'bar',
  'barring',
]);

/** Negators of several words. */
export const NEGATOR_PHRASES: readonly (readonly string[])[] = [
  'other than',
  'rather than',
  'instead of',
  'apart from',
  'aside from',
  'with the exception of',
  'as opposed to',
  'save for',
  'anyone but',
  'anything but',
  'anywhere but',
  'everyone but',
  'everything but',
  'everywhere but',
  'all but',
  'any but',
  'but not',
].map((phrase) => phrase.split(' '));

/** Words that may stand between a negator, or a list, and what it is about. */
export const LINKS: ReadonlySet<string> = new Set([
  'a',
  'an',
  'the',
  'in',
  'of',
  'from',
  'with',
  'to',
  'at',
  'for',
  'any',
  'those',
  'ones',
  'that',
  'are',
  'is',
  'being',
  'have',
  'has',
  'use',
  'using',
  'located',
  'based',
  'part',
  'either',
  'both',
]);

export interface Superlative {
  readonly descending: boolean;
  /** What it is about, as attribute words; the column is found among these. */
  readonly about: readonly string[];
  /** Only with a column named: `most`, `top`. */
  readonly bare: boolean;
}

const SIZE = [
  'size',
  'area',
  'population',
  'employee',
  'revenue',
  'asset',
  'capacity',
  'capitalization',
];
const AGE = [
  'founded',
  'born',
  'date',
  'year',
  'released',
  'built',
  'opened',
  'created',
  'independence',
];

const up = (...about: string[]): Superlative => ({ descending: true, about, bare: false });
const down = (...about: string[]): Superlative => ({ descending: false, about, bare: false });

/** Superlatives: the direction of the order, and the attributes that it may be about. */
export const SUPERLATIVES: ReadonlyMap<string, Superlative> = new Map([
  ['largest', up(...SIZE)],
  ['biggest', up(...SIZE)],
  ['smallest', down(...SIZE)],
  ['tiniest', down(...SIZE)],
  ['oldest', down(...AGE)],
  ['earliest', down(...AGE)],
  ['newest', up(...AGE)],
  ['youngest', up(...AGE)],
  ['latest', up(...AGE)],
  ['longest', up('length', 'duration', 'runtime')],
  ['shortest', down('length', 'duration', 'runtime', 'height')],
  ['tallest', up('height')],
  ['richest', up('gdp', 'wealth', 'income', 'revenue')],
  ['poorest', down('gdp', 'wealth', 'income')],
  ['cheapest', down('price')],
  ['fastest', up('speed')],
  ['slowest', down('speed')],
  ['heaviest', up('weight', 'mass')],
  ['lightest', down('weight', 'mass')],
  ['hottest', up('temperature')],
  ['warmest', up('temperature')],
  ['coldest', down('temperature')],
  ['densest', up('density')],
  ['highest', { descending: true, about: ['height', 'elevation'], bare: true }],
  ['lowest', { descending: false, about: ['height', 'elevation'], bare: true }],
  ['most', { descending: true, about: [], bare: true }],
  ['greatest', { descending: true, about: [], bare: true }],
  ['top', { descending: true, about: [], bare: true }],
  ['fewest', { descending: false, about: [], bare: true }],
  ['least', { descending: false, about: [], bare: true }],
  ['best', { descending: true, about: [], bare: true }],
  ['worst', { descending: false, about: [], bare: true }],
  ['bottom', { descending: false, about: [], bare: true }],
]);

/** Adjectives after `most` and `least` whose attribute is not their own name. */
export const ADJECTIVES: Readonly<Record<string, readonly string[]>> = {
  recent: AGE,
  recently: AGE,
  expensive: ['price'],
  populous: ['population'],
  populated: ['population'],
};

export type Comparator = '<' | '<=' | '>' | '>=' | '=';

/** Comparisons that stand before their number, longest first. */
export const BEFORE_NUMBER: readonly (readonly [readonly string[], Comparator])[] = (
  [
    ['greater than or equal to', '>='],
    ['more than or equal to', '>='],
    ['less than or equal to', '<='],
    ['more than', '>'],
    ['greater than', '>'],
    ['larger than', '>'],
    ['bigger than', '>'],
    ['higher than', '>'],
    ['less than', '<'],
    ['fewer than', '<'],
    ['smaller than', '<'],
    ['lower than', '<'],
    ['heavier than', '>'],
    ['lighter than', '<'],
    ['longer than', '>'],
    ['shorter than', '<'],
    ['taller than', '>'],
    ['faster than', '>'],
    ['slower than', '<'],
    ['cheaper than', '<'],
    ['better than', '>'],
    ['worse than', '<'],
    ['at least', '>='],
    ['at the least', '>='],
    ['at the very least', '>='],
    ['at a minimum', '>='],
    ['at minimum', '>='],
    ['minimum of', '>='],
    ['min of', '>='],
    ['at or above', '>='],
    ['starting at', '>='],
    ['starting from', '>='],
    ['upwards of', '>'],
    ['upward of', '>'],
    ['in excess of', '>'],
    ['north of', '>'],
    ['south of', '<'],
    ['at most', '<='],
    ['at the most', '<='],
    ['at the very most', '<='],
    ['at a maximum', '<='],
    ['at maximum', '<='],
    ['maximum of', '<='],
    ['max of', '<='],
    ['at or below', '<='],
    ['capped at', '<='],
    ['as many as', '<='],
    ['as much as', '<='],
    ['up to', '<='],
    ['equal to', '='],
    ['equals', '='],
    ['exactly', '='],
    ['minimum', '>='],
    ['min', '>='],
    ['maximum', '<='],
    ['max', '<='],
    ['over', '>'],
    ['above', '>'],
    ['exceeding', '>'],
    ['exceeds', '>'],
    ['exceed', '>'],
    ['exceeded', '>'],
    ['surpassing', '>'],
    ['topping', '>'],
    ['beyond', '>'],
    ['under', '<'],
    ['below', '<'],
    ['sub -', '<'],
    ['> =', '>='],
    ['< =', '<='],
    ['>=', '>='],
    ['≥', '>='],
    ['<=', '<='],
    ['≤', '<='],
    ['>', '>'],
    ['<', '<'],
    ['=', '='],
  ] as const
).map(([words, operator]) => [words.split(' '), operator] as const);

/** What a comparison by an adjective is about: `heavier than 5500`. */
export const COMPARED_ABOUT: Readonly<Record<string, readonly string[]>> = {
  heavier: ['weight', 'mass'],
  lighter: ['weight', 'mass'],
  longer: ['length', 'duration', 'runtime'],
  shorter: ['length', 'duration', 'runtime', 'height'],
  taller: ['height'],
  faster: ['speed'],
  slower: ['speed'],
  cheaper: ['price'],
};

/** Comparisons that stand after their number. */
export const AFTER_NUMBER: readonly (readonly [readonly string[], Comparator])[] = (
  [
    ['or more', '>='],
    ['or above', '>='],
    ['or higher', '>='],
    ['or over', '>='],
    ['or larger', '>='],
    ['or better', '>='],
    ['or greater', '>='],
    ['or longer', '>='],
    ['or up', '>='],
    ['or upwards', '>='],
    ['and more', '>='],
    ['and higher', '>='],
    ['and above', '>='],
    ['and over', '>='],
    ['and up', '>='],
    ['and upwards', '>='],
    ['at least', '>='],
    ['at the least', '>='],
    ['at minimum', '>='],
    ['at a minimum', '>='],
    ['minimum', '>='],
    ['plus', '>='],
    ['+', '>='],
    ['or less', '<='],
    ['or fewer', '<='],
    ['or below', '<='],
    ['or under', '<='],
    ['or lower', '<='],
    ['or smaller', '<='],
    ['and below', '<='],
    ['and under', '<='],
    ['and fewer', '<='],
    ['and less', '<='],
    ['and lower', '<='],
    ['at most', '<='],
    ['at the most', '<='],
    ['maximum', '<='],
    ['max', '<='],
    ['tops', '<='],
    ['or shorter', '<='],
    ['or worse', '<='],
  ] as const
).map(([words, operator]) => [words.split(' '), operator] as const);

/** What a comparison becomes under `not`. */
export const OPPOSITE: Readonly<Record<Comparator, Comparator | '<>'>> = {
  '<': '>=',
  '<=': '>',
  '>': '<=',
  '>=': '<',
  '=': '<>',
};

/** A number near enough is no condition that can be checked. */
export const VAGUE: ReadonlySet<string> = new Set([
  'about',
  'around',
  'approximately',
  'roughly',
  'nearly',
  'almost',
  'circa',
]);
