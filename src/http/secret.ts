import { inspect } from 'node:util';

const HIDDEN = '[secret]';

/**
 * A key that must not be seen: printing, joining, serialising or inspecting it gives `[secret]`.
 * Only {@link Secret.reveal} gives the text, and only the request's header asks for it.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
    Object.defineProperty(this, inspect.custom, { value: () => HIDDEN });
  }

  reveal(): string {
    return this.#text;
  }

  /** Whether it can be a key: printable ASCII without white space and quotes, and not empty. */
  isSendable(): boolean {
    return /^[\x21\x23-\x26\x28-\x7e]+$/.test(this.#text);
  }

  /** `text` without the key, also where it was percent-encoded or in base 64. */
  maskIn(text: string): string {
    if (this.#text === '') return text;
    const forms = [this.#text, Buffer.from(this.#text).toString('base64').replace(/=+$/, '')];
    // Half a surrogate pair cannot be encoded.
    if (!/\p{Cs}/u.test(this.#text)) forms.push(encodeURIComponent(this.#text));
    return forms.reduce((masked, form) => masked.replaceAll(form, HIDDEN), text);
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }
}
