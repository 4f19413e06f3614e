import { trimEndOf } from '../text/trim-end.ts';
import type { Statement } from './prose.ts';

const EMAIL =
  /(?<![\p{L}\d.])[\w.+-]{1,64}@[a-z\d-]{1,63}(?:\.[a-z\d-]{1,63}){0,4}\.[a-z]{2,24}(?![\p{L}\d-])/giu;
const ADDRESS = /(?<![\p{L}\d])(?:https?:\/\/|www\.)[^\s<>"'()[\]]{2,300}/giu;
const PHONE = /(?<![\p{L}\d.,+])\+?\(?\d[\d\s().-]{5,20}\d(?![\p{L}\d])/gu;
const CALL = /(?<![\p{L}])(?:phone|tel|telephone|call|ring|mobile|hotline|dial)(?![\p{L}])/iu;

/** E-mail addresses, web addresses and telephone numbers that a sentence prints. */
export function contactsIn(sentence: string): readonly Statement[] {
  const found: Statement[] = [];
  const put = (label: string, start: number, text: string): void => {
    found.push({ about: undefined, label, start, end: start + text.length, prior: 0.85 });
  };
  for (const { 0: text, index } of sentence.matchAll(EMAIL)) put('email', index, text);
  for (const { 0: text, index } of sentence.matchAll(ADDRESS)) {
    put('website', index, trimEndOf(text, '.,;:!?'));
  }
  if (!CALL.test(sentence)) return found;
  for (const { 0: text, index } of sentence.matchAll(PHONE)) {
    const digits = text.replace(/\D/gu, '').length;
    if (digits >= 7 && digits <= 15 && !/^\d{4}-\d\d-\d\d/u.test(text)) put('phone', index, text);
  }
  return found;
}
