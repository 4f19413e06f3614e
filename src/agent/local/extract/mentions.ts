import type { Subject } from './subject.ts';
import { trimEndOf } from '../text/trim-end.ts';

/** Words in a sentence that say what it speaks of. */
export interface Mention {
  readonly start: number;
  readonly end: number;
  /** `subject`: what the text is about; `pronoun`: what was spoken of before; `related`: its rival. */
  readonly who: 'subject' | 'pronoun' | 'related' | 'other';
  readonly name: string;
  /** Only the place at the beginning of a sentence says that it is spoken of. */
  readonly weak: boolean;
}

const WORD = String.raw`\p{Lu}[\p{L}\d'’&.+/-]*|\d+\p{Lu}[\p{L}\d]*|\d+(?:st|nd|rd|th)(?= \p{Lu})`;
/** A run of words that begin with a capital letter, with small words between. */
export const NAME: string = String.raw`(?:${WORD})(?:\s+(?:(?:of|de|da|di|du|del|della|dos|la|le|van|von|der|den|and the|of the|for|the)\s+){0,2}(?:${WORD})|\s+&\s+(?:${WORD})|\s+\d+(?:\.\d+)?(?![\d,.%]*\d?\s*(?:million|billion|people|employees))(?=\s|$|[,.)])){0,6}`;
const NAMES = new RegExp(String.raw`(?<![\p{L}\d])${NAME}`, 'gu');

/** Capital letters only because a sentence begins. */
const OPENERS =
  /^(?:the|a|an|in|on|at|by|since|from|with|its|it|their|they|he|she|his|her|this|that|these|those|as|after|before|while|although|though|when|founded|established|based|headquartered|located|born|led|headed|directed|written|released|launched|today|now|currently|for|and|but|or|if|about|over|more|nearly|some|around|under|home|there|here|of|to|per|all|most|many|both|no|not|according|however|built|created|known|also|once|until|during|between|among|unlike|like|despite|because|so|yet|then|first|last|annual|total|formed|started|employing|covering|spanning|set|what|who|where|which|our|we|you|your|my|i|one|two|three|four|five|six|seven|eight|nine|ten|employees|revenue|population|visitors|situated|registered|incorporated|opened|published|developed|produced|distributed|licensed|priced|starring|each|every|only|ceo|cto|cfo|coo|hq|founder|founders|director|president|chairman|chairwoman|writer|producer|author|people|critics|visitors|customers|analysts|experts|locals|residents|investors|reviewers|audiences|viewers|fans|users|few|several|travellers|travelers|passengers|observers|shareholders|workers|staff)$/iu;
/** Titles that are written in capitals before a name, wherever it stands. */
const ROLES =
  /^(?:ceo|cto|cfo|coo|hq|founder|co-founder|director|president|chairman|chairwoman)$/iu;
const PRONOUN =
  /(?<![\p{L}\d])(?:it|they|he|she|its|their|his|her|this|(?:the|this) (?:company|firm|business|startup|start-up|organisation|organization|group|maker|outfit|concern|enterprise|agency|institution|country|nation|state|republic|kingdom|territory|island|city|town|place|region|airport|airfield|field|facility|hub|film|movie|picture|feature|production|product|brand|software|project|package|library|tool|program|application|app|service|platform|museum|university|school|college|hospital|bank|airline|band|book|novel|game|song|album|team|club|site|building|bridge|licence|license|language|person|studio|label|store|shop|brewery|winery|hotel|restaurant|park|lake|river|mountain|device|model|car|vehicle|ship|series|show|event|conference|festival))(?![\p{L}\d])/giu;
/** Something of the subject that is another thing. */
const RELATED =
  /(?<![\p{L}\d])(?:its|their|his|her|the|a|an|one|another|main|biggest|chief|nearest|closest|larger|smaller|fellow)\s+(?:[\p{Ll}-]+\s+){0,2}(?:rivals?|competitors?|parent(?: company)?|subsidiar(?:y|ies)|sister (?:company|firm|film)|neighbou?rs?|neighbou?ring|predecessor|successor|partner|supplier|customer|client|investor|acquirer|sequel|prequel|remake|namesake|counterpart|spin-off|spinoff|other (?:company|film|country))(?![\p{L}\d])/giu;
/** What stands after a name that a sentence speaks of. */
const SPEAKS =
  /^(?:['’]s?(?![\p{L}])|,? (?:is|was|are|were|has|have|had|employs|employed|raised|grossed|earned|opened|released|launched|covers|runs|sells|makes|makes|builds|operates|offers|became|began|gained|lies|sits|serves|boasts|counts|reported|generated|directed|founded|started|established|wrote|produced|costs|remains|holds|dates|uses|turns|turned|took|came|premiered|debuted|announced|went|works|leads|heads|joined|bought|acquired|can|will|does)(?![\p{L}])|,)/u;

/** Everything in the sentence that may be what a statement in it is about, in order. */
export function mentionsIn(sentence: string, subject: Subject): readonly Mention[] {
  const found: Mention[] = [];
  const add = (start: number, name: string, who: Mention['who'], weak = false): void => {
    const end = start + name.length;
    if (!found.some((it) => it.start < end && start < it.end))
      found.push({ start, end, who, name, weak });
  };
  for (const alias of subject.aliases) {
    for (const start of occurrences(sentence, alias)) add(start, alias, 'subject');
  }
  const names = namesIn(sentence);
  for (const { 0: text, index } of sentence.matchAll(RELATED)) {
    // "Bolt Data, an old competitor, …" speaks of Bolt Data.
    const apposed = names.some(({ name, start }) => start + name.length + 2 === index);
    if (!apposed) add(index, text, 'related');
  }
  for (const { 0: text, index } of sentence.matchAll(PRONOUN)) add(index, text, 'pronoun');
  for (const { name, start } of names) {
    const spoken = isSpokenOf(sentence, start, start + name.length);
    if (spoken === 'no') continue;
    add(start, name, subject.is(name) ? 'subject' : 'other', spoken === 'maybe');
  }
  return found.toSorted((a, b) => a.start - b.start);
}

/** Whether a name is what a clause is about: it opens it, or a verb stands behind it. */
function isSpokenOf(sentence: string, start: number, end: number): 'yes' | 'maybe' | 'no' {
  const opens = OPENS.test(sentence.slice(Math.max(0, start - LONGEST_OPENING), start));
  const speaks = SPEAKS.exec(sentence.slice(end));
  if (speaks !== null && (speaks[0] !== ',' || opens)) return 'yes';
  return opens && /^ \p{Ll}/u.test(sentence.slice(end)) ? 'maybe' : 'no';
}

/** What {@link OPENS} looks at is shorter than this. */
const LONGEST_OPENING = 40;
const OPENS =
  /(?:^|[;:]|, (?:while|whereas|but|and)|\bunlike|\bwhile|\bwhereas|(?:^|[,;] )(?:for|at|in|with|of|by contrast,|by comparison,|meanwhile,))\s*$/iu;

/** Where a name stands as a word of its own; as written, or in capitals. */
function occurrences(text: string, name: string): readonly number[] {
  const found: number[] = [];
  for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, at + 1)) {
    const before = text[at - 1] ?? ' ';
    const after = text[at + name.length] ?? ' ';
    if (!/[\p{L}\d]/u.test(before) && !/[\p{L}\d]/u.test(after)) found.push(at);
  }
  return found;
}

/** Runs of capitalised words, without a word that is only capital because it comes first. */
export function namesIn(
  sentence: string,
): readonly { readonly name: string; readonly start: number }[] {
  const names: { name: string; start: number }[] = [];
  for (const match of sentence.matchAll(NAMES)) {
    let [name, start] = [bare(match[0]), match.index];
    for (;;) {
      const first = /^\S+/u.exec(name)?.[0] ?? '';
      const [plain = ''] = first.split(/['’]/u, 1);
      if (first === '' || !(start === 0 ? OPENERS : ROLES).test(plain)) break;
      const rest = name.slice(first.length).trimStart();
      start += name.length - rest.length;
      name = rest;
    }
    if (sentence[start + name.length] === ' ') name = name.replace(/['’]s$/u, '');
    if (/^(?:\p{Lu}|\d+(?:\p{Lu}|(?:st|nd|rd|th) ))/u.test(name)) names.push({ name, start });
  }
  return names;
}

/**
 * Without a full stop at the end, unless it belongs to a short form (`Warner Bros.`), and without
 * what is only joined to it: `Oslo-based` has the name `Oslo` in it.
 */
export function bare(text: string): string {
  const name = text.replace(/-(?:based|born|headquartered|listed|made)(?![\p{L}]).*$/u, '');
  return /(?<![\p{L}])(?:Bros|Inc|Ltd|Corp|Co|Jr|Sr)\.$/u.test(name)
    ? name
    : trimEndOf(name, ".'’ ");
}
