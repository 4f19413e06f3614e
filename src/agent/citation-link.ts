/** A citation as it may be shown: what can be followed, and what can only be read. */
interface CitedSource {
  /**
   * An address that is safe to follow, on the web or in the local agent's corpus; null where the
   * agent gave none. It names no user, hides no character and runs nothing.
   */
  readonly url: string | null;
  /** What the agent gave in its place, as text; null where that is the address as it stands. */
  readonly text: string | null;
}

/** Schemes that lead to a source and do nothing else: no script, no file of the reader's machine. */
const FOLLOWED = /^(?:https?|corpus):\/\//iu;

/** Nearly all of them: nothing in it needs a second look. */
const PLAIN = /^(?:https?|corpus):\/\/[\w.-]+(?::\d{1,5})?(?:[/?#][!#-;=?-[\]_a-z~]*)?$/iu;

/** Shown as nothing, or so that what follows is read otherwise: breaks, escapes, directions. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * Sorts what an agent gave as a source. Answers quote pages that anybody can write, so an address
 * may be a script, a file of the machine that shows it, or one that looks like another. Nothing is
 * lost over it: what may not be followed is kept as text, with hidden characters made visible.
 */
export function citedSource(given: string): CitedSource {
  if (PLAIN.test(given)) return { url: given, text: null };
  const url = safeAddress(given.trim());
  if (url === given) return { url, text: null };
  return { url, text: given === '' ? null : given.replace(HIDDEN, visible) };
}

/** As a browser would go there, without the user's name and password. */
function safeAddress(given: string): string | null {
  // A browser would drop some of these and go where the rest leads.
  if (!FOLLOWED.test(given) || given.search(HIDDEN) >= 0 || !URL.canParse(given)) return null;
  const url = new URL(given);
  if (url.username === '' && url.password === '' && !/[\s"<>\\^`{|}]/u.test(given)) return given;
  url.username = '';
  url.password = '';
  return url.href;
}

const visible = (character: string): string =>
  `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
