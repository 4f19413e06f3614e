import type { Candidate, Candidates } from './candidates.ts';

/** A statement that names its property itself: `The capital is Abuja.` */
export interface NamedStatement extends Candidate {
  readonly label: string;
  /** Where the name of the property begins and ends. */
  readonly cue: number;
  readonly cueEnd: number;
  readonly prior: number;
}

const WORD = String.raw`(?!(?:of|is|are|was|were|and|or|for|in|at|by|to|with|that|which|has|had|have|on|from|as|it)(?![\p{L}]))(?:\p{Ll}[\p{Ll}-]*|\p{Lu}{2,6}(?![\p{Ll}]))`;
const NOUN = String.raw`(?:(?:\p{Lu}\p{Ll}[\p{Ll}-]*|${WORD})\s+)?(?:${WORD}\s+){0,2}(?:${WORD}|(?<=(?:^|\s)(?:[Tt]he|[Ii]ts)\s)\p{Lu}\p{Ll}+)`;
const LEAD = String.raw`(?:(?:(?<![\p{L}])(?:[Tt]he|[Ii]ts|[Tt]heir|[Hh]is|[Hh]er|[Aa]n?|with|[Hh]as|have|whose)|['’]s?)\s+|^(?=\p{Lu}\p{Ll}))`;
const LINK = String.raw`(?:\s+of\s+(?:the\s+)?[\p{Lu}][^,;:.]{0,50}?)?\s*(?:\s(?:is|are|was|were|stands at|stood at|totals|totalled|totaled|reached|reaches|amounts to|comes to|came to|remains|of|numbers|being|runs to)\s|[:,]\s)`;
/** `Its capital is …`, `with a population of …`, `The currency: …` */
const NOUN_FIRST = new RegExp(String.raw`${LEAD}(?<noun>${NOUN})${LINK}`, 'gu');
/** `… is the capital of Nigeria`, `…, its capital` */
const VALUE_FIRST = new RegExp(
  String.raw`(?:\s(?:is|was|are|were|serves as|acts as|remains|became)|,)\s+(?:the|its|their|his|her|[\p{Lu}][\p{L}]*['’]s)\s+(?<noun>${NOUN})(?=\s+(?:of|for|at|in|there)\s|[.,;]|$)`,
  'gu',
);
/** `its capital Abuja`, `director Jane Doe` */
const TITLE = new RegExp(
  String.raw`(?:(?<![\p{L}])(?:[Ii]ts|[Tt]heir|[Tt]he|by|under|with|['’]s)\s+|^|,\s)(?<noun>(?:[\p{Ll}][\p{Ll}-]*\s){0,2}(?:[Cc]apital|[Cc]urrency|[Ff]ounder|[Dd]irector|[Ww]riter|[Pp]roducer|[Aa]uthor|[Pp]resident|chairman|chairwoman|chair|manager|mayor|editor|distributor|publisher|owner|operator|architect|designer|developer|maintainer|creator|composer|inventor|league|genre))\s*,?\s+(?=\p{Lu})`,
  'gu',
);

/** Words that are no property, or say nothing about which one it is. */
const EMPTY =
  /^(?:it|they|this|that|there|one|part|member|number|kind|type|result|total|half|most|some|way|place|time|day|year|home|case|same|lot|bit|end|start|beginning|subject|company|firm|film|movie|country|airport|first|last|only|other|name|it also|rest|world|largest|smallest|oldest|newest|biggest|leader|reason|aim|goal|idea|fact|figure|figures|team|set|series|list|group|range|variety|host|branch|member|house|producer of|maker|provider|developer of|rival|competitor|parent|subsidiary)$/iu;
/** Words before the noun that do not change what it is. */
const ADJECTIVES =
  /^(?:the|a|an|its|their|his|her|current|present|latest|main|total|overall|estimated|reported|approximate|annual|yearly|full|actual|combined|present-day|sole|principal|chief(?! executive)|so-called|well-known|long-time|longtime|stated|listed|given|recorded|registered|official(?= (?:language|currency|population))|respective|own|primary|local|typical|published|usual|and|has|have|with|also)\s+/iu;
const NO_NOUN =
  /(?<![\p{L}])(?:is|was|are|were|has|have|had|and|or|to|that|which|who|by|from|it|not|been|in|on|at|as|for|of|with|\p{L}{3,}ed(?<!\b(?:bed|feed|seed|speed|breed)))(?![\p{L}])/iu;

/** Statements that name the property which they give a value for. */
export function findNamedStatements(
  sentence: string,
  candidates: Candidates,
): readonly NamedStatement[] {
  return [
    ...matches(sentence, NOUN_FIRST, (to) => valueAfter(sentence, to, candidates)),
    ...matches(sentence, TITLE, (to) => nameAt(to, candidates)),
    ...valueFirst(sentence, candidates),
  ];
}

function matches(
  sentence: string,
  pattern: RegExp,
  find: (to: number) => (Candidate & { readonly prior: number }) | undefined,
): readonly NamedStatement[] {
  const found: NamedStatement[] = [];
  pattern.lastIndex = 0;
  for (const match of overlapping(sentence, pattern)) {
    const noun = match.groups?.['noun'] ?? '';
    const label = labelOf(noun);
    const value = label === undefined ? undefined : find(match.index + match[0].length);
    const cue = match.index + match[0].indexOf(noun);
    if (label !== undefined && value !== undefined) {
      found.push({ ...value, label, cue, cueEnd: cue + noun.length });
    }
  }
  return found;
}

/** Each match is followed by a search from inside it: a noun may begin within another one. */
function* overlapping(text: string, pattern: RegExp): Generator<RegExpExecArray> {
  for (let rounds = 0; rounds < 40; rounds++) {
    const match = pattern.exec(text);
    if (match === null) return;
    yield match;
    pattern.lastIndex = match.index + Math.max(1, match[0].search(/\s/u) + 1);
  }
}

function labelOf(noun: string): string | undefined {
  let label = noun.trim();
  for (let before = ''; before !== label;) {
    before = label;
    label = label.replace(ADJECTIVES, '');
  }
  label = label.replace(/^capital city$/iu, 'capital');
  if (label.length < 3 || EMPTY.test(label) || NO_NOUN.test(label)) return undefined;
  return /\p{Lu}/u.test(label.slice(1)) && !/^[\p{Lu}]{2,5}\b/u.test(label) ? undefined : label;
}

const SMALL =
  /^(?:\s*(?:about|around|approximately|roughly|over|more than|nearly|almost|some|an estimated|currently|now|just|the|a|at|only|exactly|under|just over|just under|close to|set at|listed as|given as|known as|called)(?![\p{L}]))*\s*/u;

function valueAfter(
  sentence: string,
  to: number,
  candidates: Candidates,
): (Candidate & { readonly prior: number }) | undefined {
  const at = to + (SMALL.exec(sentence.slice(to))?.[0].length ?? 0);
  for (const kind of ['date', 'money', 'measure', 'number'] as const) {
    const value = candidates.of(kind).find(({ start }) => start >= to && start <= at);
    if (value !== undefined) return { start: value.start, end: value.end, prior: 0.84 };
  }
  // "the capital of Ghana" says whose it is, not what it is.
  if (sentence.slice(0, to).endsWith(' of ')) return undefined;
  const name = candidates.of('names').find(({ start }) => start === at);
  const end = wordsAfter(sentence, name?.end ?? at);
  if (name !== undefined) return { start: at, end, prior: 0.78 };
  // A property named so has a value without capitals: `the currency is the naira`.
  return end > at &&
    /(?<![\p{L}])(?:currency|language|genre|industry|colou?r|status|type)(?![\p{L}])[^.]{0,40}$/iu.test(
      sentence.slice(0, to),
    )
    ? { start: at, end, prior: 0.75 }
    : undefined;
}

/** A name may end with small words, up to where its clause ends: `the Afghan afghani.` */
function wordsAfter(sentence: string, end: number): number {
  const match =
    /^(?:(?:^|\s)(?!(?:and|or|in|on|at|with|for|of|to|by|which|who|since|as|but|is|was|a|an|the|it|its|from|after|when|where|while|not|one|set|known|called)(?![\p{L}]))\p{Ll}[\p{Ll}-]*){1,3}(?=[.,;)]|$)/u.exec(
      sentence.slice(end),
    );
  return end + (match?.[0].length ?? 0);
}

function nameAt(
  to: number,
  candidates: Candidates,
): (Candidate & { readonly prior: number }) | undefined {
  const name = candidates.of('names').find(({ start }) => start === to);
  return name === undefined ? undefined : { ...name, prior: 0.8 };
}

function valueFirst(sentence: string, candidates: Candidates): readonly NamedStatement[] {
  const found: NamedStatement[] = [];
  VALUE_FIRST.lastIndex = 0;
  for (const match of overlapping(sentence, VALUE_FIRST)) {
    const noun = match.groups?.['noun'] ?? '';
    const label = labelOf(noun);
    const name = candidates.of('name').find(({ end }) => end === match.index);
    if (label === undefined || name === undefined) continue;
    const cue = match.index + match[0].indexOf(noun);
    found.push({ ...name, label, cue, cueEnd: cue + noun.length, prior: 0.78 });
  }
  return found;
}
