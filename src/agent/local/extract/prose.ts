import { trimEndOf } from '../text/trim-end.ts';
import { Candidates, type Candidate } from './candidates.ts';
import { mentionsIn, NAME, type Mention } from './mentions.ts';
import { findNamedStatements } from './named-statements.ts';
import { RULES, type Rule, type ValueKind } from './rules.ts';
import { Subject } from './subject.ts';

/** A value that a sentence states; places are in the sentence. */
export interface Statement {
  /** Undefined for the subject of the text. */
  readonly about: string | undefined;
  readonly label: string;
  readonly start: number;
  readonly end: number;
  readonly prior: number;
}

/** Words that may stand between a cue and its value. */
const HARMLESS = new Set(
  'in on at of is was are were be been the a an its their his her about around approximately roughly over more than nearly almost some estimated currently now today total to by back early late year mid just only under up as stands stood reached reaches totals totalled being and has had have it all told close fewer less well excess neighbourhood neighborhood region least most upwards between exactly precisely only annual yearly with from for s company firm'.split(
    ' ',
  ),
);
/** A second statement begins: what comes after it belongs to that one. */
const NEXT_STATEMENT =
  /(?<![\p{L}])(?:is|was|are|were|has|have|had|and (?:\p{Ll}+ed|has|had|is|was|now|today|employs)|but|while|whereas|which|who|employs|raised|acquired|renamed|moved|listed)(?![\p{L}])/u;
/** What an amount covers is part of what it is: takings in one country are not those of all. */
function qualified(label: string, sentence: string, { start, end }: Candidate): string {
  if (label !== 'gross') return label;
  const around = sentence.slice(Math.max(0, start - 60), end + 50);
  if (
    /(?<![\p{L}])(?:worldwide|globally|global|around the (?:world|globe)|internationally)(?![\p{L}])/iu.test(
      around,
    )
  )
    return 'worldwide gross';
  return /(?<![\p{L}])(?:domestic|domestically|US|U\.S\.|North America|United States)(?![\p{L}])/u.test(
    around,
  )
    ? 'US gross'
    : label;
}

/** Plans, wishes and denials state nothing. */
const UNSURE =
  /(?<![\p{L}])(?:not|never|n['’]t|would|could|might|may have|plans? to|hopes? to|aims? to|expects? to|expected to|rumou?red|reportedly|allegedly|if)(?![\p{L}])/iu;

/** What sentences of one section state, one after the other. */
export class ProseReader {
  readonly #subject: Subject;
  /** What the sentence before was about. */
  #last: Mention | undefined;

  constructor(subject: string) {
    this.#subject = new Subject(subject);
  }

  /** A new paragraph speaks of the subject until it says otherwise. */
  beginParagraph(): void {
    this.#last = undefined;
  }

  read(sentence: string): readonly Statement[] {
    if (sentence.length > 1_000) return [];
    const mentions = mentionsIn(sentence, this.#subject);
    const candidates = new Candidates(sentence);
    const found: Statement[] = [];
    const add = (statement: Statement): void => {
      const taken = found.some(
        (it) =>
          it.start < statement.end &&
          statement.start < it.end &&
          (it.label === statement.label || it.prior > statement.prior),
      );
      if (!taken) found.push(statement);
    };
    for (const rule of RULES)
      for (const it of this.#apply(rule, sentence, mentions, candidates)) add(it);
    for (const named of findNamedStatements(sentence, candidates)) {
      const about = this.#aboutAt(named.cue, named.cueEnd, sentence, mentions, named.start);
      const itself = this.#subject.is(sentence.slice(named.start, named.end));
      if (about !== undefined && !itself && !unsure(sentence, named.cue)) {
        add({ ...named, about: about === OWN ? undefined : about });
      }
    }
    const own = found.some(({ about }) => about === undefined);
    this.#last = nextLast(mentions, this.#last, own);
    return found;
  }

  #apply(
    rule: Rule,
    sentence: string,
    mentions: readonly Mention[],
    candidates: Candidates,
  ): readonly Statement[] {
    const values = candidates.of(rule.kind);
    if (values.length === 0) return [];
    const found: Statement[] = [];
    for (const cue of sentence.matchAll(rule.cue)) {
      const [from, to] = [cue.index, cue.index + cue[0].length];
      const beside = valueBeside(rule, sentence, [from, to], values);
      const value = beside && this.#withoutSubject(beside, sentence);
      if (value === undefined || unsure(sentence, from)) continue;
      if (this.#subject.is(sentence.slice(value.start, value.end))) continue;
      const about = rule.object
        ? this.#objectAt(to, mentions)
        : this.#aboutAt(from, to, sentence, mentions, value.start);
      if (about === undefined) continue;
      const prior = rule.prior - (past(sentence, from) ? 0.2 : 0);
      found.push({
        ...value,
        about: about === OWN ? undefined : about,
        label: qualified(rule.label, sentence, value),
        prior,
      });
    }
    return found;
  }

  /** `based in Oslo, Acme …`: the subject is no part of the place. */
  #withoutSubject(value: Candidate, sentence: string): Candidate {
    const parts = sentence.slice(value.start, value.end).split(', ');
    const at = parts.findIndex((it, i) => i > 0 && this.#subject.is(it));
    if (at === -1) return value;
    return { start: value.start, end: value.start + parts.slice(0, at).join(', ').length };
  }

  /** What the words right behind the cue say that it is about. */
  #namedAt(
    from: number,
    to: number,
    sentence: string,
    mentions: readonly Mention[],
    value: number,
  ): string | typeof OWN | undefined {
    // "Jane Doe founded Acme": what stands right behind the verb is what it happened to.
    const object = mentions.find(
      ({ start, who }) => who === 'subject' && start >= to && start <= to + 4 && start !== value,
    );
    if (object !== undefined && VERB.test(sentence.slice(from, to))) return OWN;
    // "the capital of Ghana" is Ghana's, whatever the sentence is about.
    const of = ownerOf(sentence.slice(to));
    if (of === undefined || sentence.indexOf(of, to) === value) return undefined;
    return this.#subject.is(of) ? OWN : of;
  }

  /** What the verb before it happened to; nothing when that is not named right there. */
  #objectAt(to: number, mentions: readonly Mention[]): typeof OWN | undefined {
    const object = mentions.find(({ start }) => start >= to && start <= to + 5);
    if (object?.who === 'subject') return OWN;
    return object?.who === 'pronoun' && meantBy(this.#last) === OWN ? OWN : undefined;
  }

  /** What a statement at a place is about; undefined when that is not sure. */
  #aboutAt(
    from: number,
    to: number,
    sentence: string,
    mentions: readonly Mention[],
    value: number,
  ): string | typeof OWN | undefined {
    const named = this.#namedAt(from, to, sentence, mentions, value);
    if (named !== undefined) return named;
    const own = mentions.filter((it) => !(value >= it.start && value < it.end));
    const before = own.filter(({ start }) => start < to).at(-1);
    const mention = before ?? own.find(({ who }) => who === 'subject' || who === 'pronoun');
    if (mention === undefined) return meantBy(this.#last);
    if (mention.who !== 'pronoun') return meantBy(mention);
    const earlier = own.filter(({ start, who }) => start < mention.start && who !== 'pronoun');
    return meantBy(earlier[0] ?? this.#last);
  }
}

function ownerOf(text: string): string | undefined {
  const name = OF.exec(text)?.[1];
  return name === undefined ? undefined : trimEndOf(name, ".'’");
}

const VERB = /(?:ed|up|leads|runs|heads)$/u;
const OF = new RegExp(String.raw`^\s+of\s+(?:the\s+)?(${NAME})`, 'u');

const OWN: unique symbol = Symbol('the subject of the text');

/** A rival without a name is nothing that a value could be of. */
function meantBy(mention: Mention | undefined): string | typeof OWN | undefined {
  if (mention === undefined || mention.who === 'subject' || mention.who === 'pronoun') return OWN;
  return mention.who === 'other' ? mention.name : undefined;
}

/** Who the sentence was about, for a pronoun in the next one. */
function nextLast(
  mentions: readonly Mention[],
  last: Mention | undefined,
  statesOwn: boolean,
): Mention | undefined {
  const first = mentions.find(({ weak }) => !weak) ?? mentions[0];
  if (first === undefined || first.who === 'pronoun') return last;
  return statesOwn ? undefined : first;
}

function valueBeside(
  rule: Rule,
  sentence: string,
  [from, to]: readonly [number, number],
  candidates: readonly Candidate[],
): Candidate | undefined {
  const after = rule.side === 'after';
  const beside = after
    ? candidates.find(({ start }) => start >= to)
    : candidates.findLast(({ end }) => end <= from);
  if (beside === undefined) return undefined;
  const between = after ? sentence.slice(to, beside.start) : sentence.slice(beside.end, from);
  // "the capital of Ghana": what stands behind the "of" has the property, and is not its value.
  const owner = NAMED.has(rule.kind) && /(?<![\p{L}])of(?![\p{L}])/u.test(between);
  const near = between.length <= 40 && harmless(between) && !owner;
  const far = rule.reach === 'far' && between.length <= 70 && !/[;:]/u.test(between);
  return near || (far && !NEXT_STATEMENT.test(between)) ? beside : undefined;
}

const NAMED: ReadonlySet<ValueKind> = new Set(['name', 'names', 'phrase']);

const harmless = (text: string): boolean =>
  (text.match(/[^\s,]+/gu) ?? []).every(
    (word) =>
      HARMLESS.has(word.toLowerCase().replace(/[():.–—'’-]/gu, '')) || /^[():–—-]+$/u.test(word),
  );

const unsure = (sentence: string, at: number): boolean =>
  UNSURE.test(sentence.slice(Math.max(0, at - 30), at));

/** What was so once, and the sentence says when. */
const past = (sentence: string, at: number): boolean =>
  /(?<![\p{L}])(?:formerly|previously|once|used to|at the time|back then|years? (?:earlier|ago)|originally|initially|at first)(?![\p{L}])/iu.test(
    sentence.slice(Math.max(0, at - 60), at + 60),
  );
