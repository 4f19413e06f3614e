/** Lower case without diacritics, in the compatible form of Unicode: `Türkiye` is `turkiye`. */
export const fold = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replaceAll('ø', 'o')
    .replaceAll('ł', 'l')
    .replaceAll('đ', 'd')
    .replaceAll('æ', 'ae')
    .replaceAll('œ', 'oe')
    .replaceAll('ı', 'i');

const IRREGULAR: Readonly<Record<string, string>> = {
  people: 'person',
  men: 'man',
  women: 'woman',
  children: 'child',
  series: 'series',
  species: 'species',
  status: 'status',
  news: 'news',
};

/** The singular of a folded English word, so that `currencies` and `currency` are one word. */
export function singular(word: string): string {
  const known = IRREGULAR[word];
  if (known !== undefined) return known;
  if (word.length < 4 || !word.endsWith('s') || /(?:ss|us|is)$/u.test(word)) return word;
  if (/[^aeiou]ies$/u.test(word) && word.length > 4) return `${word.slice(0, -3)}y`;
  if (/(?:ou|au|r|n|oi|ea|ui|[bchr]a)ses$/u.test(word)) return word.slice(0, -1);
  if (/(?:[sx]|ch|sh|zz)es$/u.test(word)) return word.slice(0, -2);
  return word.slice(0, -1);
}

/** The words of a name or a value: folded, singular, without punctuation and possessives. */
export function wordsOf(text: string): readonly string[] {
  const words = fold(text)
    .replace(/['’ʼ`]s?(?![\p{L}\d])/gu, '')
    .replace(/['’ʼ`]/gu, '')
    .replace(/\b(\p{L})\.(?=\p{L}\b)/gu, '$1')
    .match(/[\p{L}\d]+/gu);
  return words === null ? [] : words.map(singular);
}

/** The words of a column or property: `areaKm2`, `area_km2` and `Area (km²)` are `area km2`. */
export const nameWords = (name: string): readonly string[] =>
  wordsOf(name.replace(/(\p{Ll}|\d)(\p{Lu})/gu, '$1 $2').replaceAll('_', ' '));

const ATTRIBUTES: readonly (readonly string[])[] = [
  ['name', 'title', 'label'],
  ['population', 'person', 'inhabitant', 'resident', 'populous', 'populated'],
  ['area', 'surface'],
  ['employee', 'headcount', 'staff', 'workforce', 'worker', 'employ', 'employing'],
  [
    'founded',
    'established',
    'founding',
    'foundation',
    'inception',
    'started',
    'formed',
    'launching',
  ],
  ['independence', 'independent'],
  ['released', 'release', 'launched', 'launch', 'published'],
  ['born', 'birth', 'birthday'],
  ['revenue', 'turnover'],
  ['funding', 'raised', 'raise', 'raising', 'funded', 'financing', 'financed'],
  ['price', 'cost'],
  ['website', 'url', 'homepage', 'web', 'site'],
  ['domain', 'hostname'],
  ['language', 'spoken', 'speak', 'speaking'],
  ['currency', 'money'],
  ['calling', 'phone', 'dial', 'dialling', 'dialing', 'telephone'],
  ['code', 'iso', 'alpha2', 'abbreviation'],
  ['industry', 'sector', 'vertical'],
  ['headquarter', 'hq', 'headquartered'],
  ['rating', 'score'],
  ['country', 'nation'],
  ['company', 'organisation', 'organization', 'firm', 'business'],
  ['category', 'kind', 'type'],
  ['email', 'mail'],
  ['temperature', 'warm', 'cold'],
];

const ATTRIBUTE_OF = new Map(
  ATTRIBUTES.flatMap((group) => group.map((word) => [word, group[0] ?? word] as const)),
);

/** What a word also means where no column is about its first meaning: `40 people` of a company. */
const OTHER_SENSES: Readonly<Record<string, string>> = {
  person: 'employee',
  team: 'employee',
  member: 'employee',
  hire: 'employee',
  born: 'founded',
  created: 'founded',
  launched: 'founded',
  began: 'founded',
  begun: 'founded',
  opened: 'founded',
  set: 'founded',
  incorporated: 'founded',
  originated: 'founded',
  dating: 'founded',
  start: 'founded',
  backed: 'funding',
  investment: 'funding',
  invested: 'funding',
  made: 'released',
  came: 'released',
  weigh: 'weight',
  weighing: 'weight',
};

export const otherSense = (word: string): string | undefined => OTHER_SENSES[word];

/** One word for all that name the same attribute: `headcount` and `staff` are `employee`. */
export const attribute = (word: string): string => ATTRIBUTE_OF.get(word) ?? word;

/** Attributes that take several words, as one word; the longest first. */
const PHRASES: readonly (readonly [phrase: string, attribute: string])[] = [
  ['chief executive officer', 'ceo'],
  ['chief executive', 'ceo'],
  ['managing director', 'ceo'],
  ['head office', 'headquarter'],
  ['main office', 'headquarter'],
  ['home base', 'headquarter'],
  ['running time', 'runtime'],
  ['run time', 'runtime'],
  ['playing time', 'runtime'],
  ['directed by', 'director'],
  ['written by', 'writer'],
  ['produced by', 'producer'],
  ['distributed by', 'distributor'],
  ['published by', 'publisher'],
  ['developed by', 'developer'],
  ['designed by', 'designer'],
  ['founded by', 'founder'],
  ['owned by', 'owner'],
  ['operated by', 'operator'],
  ['led by', 'ceo'],
  ['annual revenue', 'revenue'],
  ['annual sale', 'revenue'],
  ['total area', 'area'],
  ['land area', 'area'],
  ['surface area', 'area'],
  ['capital city', 'capital'],
  ['official language', 'language'],
  ['spoken language', 'language'],
  ['official currency', 'currency'],
  ['legal tender', 'currency'],
  ['e mail', 'email'],
  ['web site', 'website'],
  ['home page', 'website'],
  ['web page', 'website'],
  ['box office', 'gross'],
];

/** The attributes that words name, phrases such as `chief executive` as one. */
export function attributesIn(words: readonly string[]): readonly string[] {
  let text = ` ${words.join(' ')} `;
  for (const [phrase, name] of PHRASES) text = text.replace(` ${phrase} `, ` ${name} `);
  return text.trim().split(' ').map(attribute);
}

const LENGTHS =
  /\b(?:height|length|width|depth|elevation|altitude|distance|diameter|radius|range|wingspan|draught|draft|beam|thickness|circumference|perimeter|visibility|tall|high|long|wide|deep)\b/u;

/** The `m` of `height_m` is metres; of `funding_m` it is millions; `words` are those of the whole name. */
export const inMetres = (words: readonly string[]): boolean =>
  words.at(-1) === 'm' && LENGTHS.test(words.slice(0, -1).join(' '));

/** Measures, and factors, that a column name or a query may carry. */
const UNITS: Readonly<Record<string, string>> = {
  km2: 'km2',
  sqkm: 'km2',
  mi2: 'mi2',
  sqmi: 'mi2',
  m2: 'm2',
  sqm: 'm2',
  ha: 'ha',
  hectare: 'ha',
  km: 'km',
  kilometer: 'km',
  kilometre: 'km',
  mile: 'mi',
  meter: 'm',
  metre: 'm',
  kg: 'kg',
  g: 'g',
  gram: 'g',
  lb: 'lb',
  mm: 'mm',
  millimeter: 'mm',
  millimetre: 'mm',
  cm: 'cm',
  centimeter: 'cm',
  centimetre: 'cm',
  min: 'min',
  minute: 'min',
  percent: '%',
  pct: '%',
  usd: '$',
  dollar: '$',
  eur: '€',
  euro: '€',
  gbp: '£',
  pound: '£',
};

export const unitOf = (word: string): string | undefined => UNITS[word];

const FACTORS: Readonly<Record<string, number>> = {
  hundred: 1e2,
  thousand: 1e3,
  k: 1e3,
  million: 1e6,
  mn: 1e6,
  m: 1e6,
  billion: 1e9,
  bn: 1e9,
  b: 1e9,
  trillion: 1e12,
  tn: 1e12,
};

/** 1000 for `thousand` and `k`. `detached`: as a word of its own, where `m` may be metres. */
export function factorOf(word: string, detached: boolean): number | undefined {
  return detached && word.length === 1 ? undefined : FACTORS[word];
}

const MONTHS =
  'january february march april may june july august september october november december'.split(
    ' ',
  );

/** 1 to 12; English names, whole or by their first three letters. */
export function monthOf(word: string): number | undefined {
  if (word.length < 3) return undefined;
  const index = MONTHS.findIndex(
    (name) => name === word || (word.length === 3 && name.startsWith(word)),
  );
  return index === -1 ? undefined : index + 1;
}
