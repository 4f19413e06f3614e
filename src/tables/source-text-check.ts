import { placeOfByte, SecretCheck, Utf8Check } from './source-bytes.ts';
import type { SourceReport } from './source-report.ts';

/** What is checked in every source that is text, whatever its form: the bytes themselves. */
export class TextCheck {
  readonly #utf8 = new Utf8Check();
  readonly #secrets = new SecretCheck();
  #read = 0;
  #notUtf8: number | undefined;
  #nul: number | undefined;
  #secret: number | undefined;

  push(block: Buffer, last: boolean): void {
    this.#notUtf8 ??= this.#utf8.push(block, last);
    this.#secret ??= this.#secrets.push(block);
    if (this.#nul === undefined) {
      const at = block.indexOf(0);
      if (at !== -1) this.#nul = this.#read + at;
    }
    this.#read += block.length;
  }

  /** `skipped` is the length of what was left out before the first block. */
  async report(path: string, skipped: number, report: SourceReport): Promise<void> {
    if (this.#notUtf8 !== undefined) {
      const offset = this.#notUtf8 + skipped;
      const message = `the byte at offset ${offset.toLocaleString('en-US')} is not UTF-8`;
      report.error('E-R96', message, await placeOfByte(path, offset), 'save the file as UTF-8');
    }
    if (this.#nul !== undefined) {
      const at = await placeOfByte(path, this.#nul + skipped);
      report.error('E-R101', 'there is a NUL character', at, 'remove it');
    }
    if (this.#secret !== undefined) {
      const at = await placeOfByte(path, this.#secret + skipped);
      const help = 'rows are sent to the agent: remove it, and replace the key at its provider';
      report.warning('E-R104', 'this looks like an API key or a private key', at, help);
    }
  }
}
