import { exactKey } from '../link/names.ts';
import { fold } from '../text/words.ts';

/** Words on a page about something that are not its name. */
const GENERIC =
  /^(?:home|home ?page|overview|about|about us|profile|company profile|company|fact ?sheet|facts|info|information|official (?:web)?site|wiki|wikipedia|index|details|summary|introduction|data ?sheet|record|entry|page|in brief|at a glance|key facts|background|history|readme|documentation)$/u;
const PREFIX =
  /^(?:welcome to|profile of|profile:|overview of|facts about|company profile:|introducing|fact ?sheet:|all about)\s+/iu;
const SUFFIX =
  /[\s,:–—-]+(?:company profile|profile|overview|fact ?sheet|facts|key facts|at a glance|in brief|home ?page|official (?:web)?site)\s*$/iu;
const SEPARATORS = /\s+[|–—·»-]\s+/u;

/** Longer texts are no names: nothing is looked for in them. */
const MAX_NAME = 500;

/** A heading or a page's title without what is no name: `Acme | Home` is about `Acme`. */
export function nameFromTitle(title: string): string {
  if (title.length > MAX_NAME) return title.trim();
  const plain = title.trim().replace(PREFIX, '').replace(SUFFIX, '');
  // A colon may be part of a name, unless what stands on one side is none.
  const colon = plain.split(/:\s+/u);
  const apart = colon.some((it) => GENERIC.test(fold(it.trim())));
  const parts = (apart ? colon : [plain])
    .flatMap((it) => it.split(SEPARATORS))
    .map((it) => it.trim());
  const names = parts.filter((it) => it !== '' && !GENERIC.test(fold(it)));
  return names[0] ?? plain;
}

/** `acme-robotics.md` is about `acme robotics`, if nothing in it says more. */
export const nameFromPath = (path: string): string =>
  path
    .replace(/^.*\//u, '')
    .replace(/\.[^.]+$/u, '')
    .replace(/[-_]+/gu, ' ')
    .trim();

/** Names that a text may use for a thing in place of its whole name. */
export function aliasesOf(name: string): readonly string[] {
  if (name.length > MAX_NAME) return [name.trim()];
  const bare = name.replace(/\s*\([^)]*\)/gu, '').trim();
  const short = bare.replace(
    /[\s,]+(?:inc|incorporated|llc|llp|ltd|limited|corp|corporation|co|company|plc|gmbh|ag|se|sa|sas|bv|nv|ab|as|oy|holdings?|group)\.?$/iu,
    '',
  );
  const article = bare.replace(/^the\s+/iu, '');
  return [...new Set([name.trim(), bare, short, article])]
    .filter((it) => it.length > 1)
    .toSorted((a, b) => b.length - a.length);
}

/** Whether two names surely mean one thing. */
export const sameName = (a: string, b: string): boolean =>
  exactKey(a) === exactKey(b) || exactKey(aliasesOf(a).at(-1)) === exactKey(aliasesOf(b).at(-1));

/** What a text is about, with the names that the text may use for it. */
export class Subject {
  readonly aliases: readonly string[];
  readonly #name: string;
  /** Names that were compared before: a text has the same ones again and again. */
  readonly #same = new Map<string, boolean>();

  constructor(name: string) {
    this.#name = name;
    this.aliases = aliasesOf(name);
  }

  is(name: string): boolean {
    let same = this.#same.get(name);
    if (same === undefined) {
      same = sameName(name, this.#name);
      this.#same.set(name, same);
    }
    return same;
  }
}
