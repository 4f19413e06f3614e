import { open, type FileHandle } from 'node:fs/promises';
import { arch } from 'node:os';
import { fail, ok, type Result } from '../base/result.ts';
import { storeProblemOf, type StoreProblem } from './store-problem.ts';

/*
 * Looks at an LMDB file before LMDB does, because LMDB trusts its file: with a foreign or truncated
 * one the process dies by a signal instead of telling the user. The numbers below are the format of
 * LMDB's data version 2 on 64-bit little-endian machines (`MDB_page`, `MDB_meta`, `MDB_db`, and
 * `MDB_node` in mdb.c). They are part of the files, so they cannot change under us.
 */

const MAGIC = 0xbe_ef_c0_de;
const DATA_VERSION = 2;
const PAGE_HEADER = 24;
const META_SIZE = 152;
const NO_PAGE = 0xffff_ffff_ffff_ffffn;

const BRANCH = 0x01;
const LEAF = 0x02;
const OVERFLOW = 0x04;
const META = 0x08;

/** Leaf node flags: the data is on overflow pages; the data is a table of its own. */
const BIG = 0x01;
const TABLE = 0x02;

interface Meta {
  readonly pageSize: number;
  readonly transaction: bigint;
  readonly lastPage: bigint;
  /** Roots of the table of free pages and of the table of tables; `NO_PAGE` when empty. */
  readonly roots: readonly bigint[];
}

/**
 * Whether LMDB can open the file without harm: it is a database of a known version, and no page in
 * use lies behind its end. `deep` reads every page in use and checks that it is the page it should
 * be, which takes as long as reading the file.
 */
export async function checkDataFile(
  path: string,
  options: { readonly deep?: boolean } = {},
): Promise<Result<void, StoreProblem>> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    return fail(storeProblemOf(path, error));
  }
  try {
    const fault = await findFault(file, options.deep === true);
    if (fault === undefined) return ok(undefined);
    return fail({ kind: 'damaged', path, message: `${path} is damaged: ${fault}` });
  } catch (error) {
    return fail(storeProblemOf(path, error));
  } finally {
    await file.close();
  }
}

/** What is wrong with the file, in words. */
async function findFault(file: FileHandle, deep: boolean): Promise<string | undefined> {
  if (arch() !== 'x64' && arch() !== 'arm64') return undefined;
  let fault: string | undefined;
  // Another process may be writing: its next commit but one may reuse pages of the state looked at.
  // A fault counts when the file did not move meanwhile; one that always moves is being used well.
  for (let attempt = 0; attempt < 8; attempt++) {
    const meta = await readNewestMeta(file);
    if (typeof meta === 'string') {
      fault = meta;
      continue;
    }
    fault = await new TreeWalk(file, meta, await pagesOf(file, meta)).findFault(deep);
    if (fault === undefined) return undefined;
    const now = await readNewestMeta(file);
    if (typeof now !== 'string' && now.transaction === meta.transaction) return fault;
  }
  return fault;
}

const pagesOf = async (file: FileHandle, { pageSize }: Meta): Promise<bigint> =>
  BigInt(Math.floor((await file.stat()).size / pageSize));

/** The newer of the two meta pages, as LMDB itself chooses. */
async function readNewestMeta(file: FileHandle): Promise<Meta | string> {
  const first = await readMeta(file, 0);
  if (typeof first === 'string') return first;
  const second = await readMeta(file, first.pageSize);
  if (typeof second === 'string') return second;
  return second.transaction > first.transaction ? second : first;
}

async function readMeta(file: FileHandle, offset: number): Promise<Meta | string> {
  const size = PAGE_HEADER + META_SIZE;
  const { bytesRead, buffer } = await file.read(Buffer.alloc(size), 0, size, offset);
  if (bytesRead < size) return 'it is too short to be a store';
  const meta = buffer.subarray(PAGE_HEADER);
  if ((buffer.readUInt16LE(18) & META) === 0 || meta.readUInt32LE(0) !== MAGIC) {
    return 'it is not a store';
  }
  const version = meta.readUInt32LE(4) & 0xffff;
  if (version !== DATA_VERSION) return `its LMDB format is ${version} and not ${DATA_VERSION}`;
  const pageSize = meta.readUInt32LE(24);
  if (pageSize < 512 || pageSize > 65_536 || (pageSize & (pageSize - 1)) !== 0) {
    return `its page size is ${pageSize}`;
  }
  return {
    pageSize,
    roots: [meta.readBigUInt64LE(64), meta.readBigUInt64LE(112)],
    lastPage: meta.readBigUInt64LE(120),
    transaction: meta.readBigUInt64LE(128),
  };
}

/** Follows the trees of one state of the file. */
class TreeWalk {
  readonly #file: FileHandle;
  readonly #meta: Meta;
  /** Whole pages in the file. */
  readonly #pages: bigint;

  constructor(file: FileHandle, meta: Meta, pages: bigint) {
    this.#file = file;
    this.#meta = meta;
    this.#pages = pages;
  }

  async findFault(deep: boolean): Promise<string | undefined> {
    // LMDB does not write free pages at the end, so a file may be shorter than its last page says.
    // Only then must all trees be followed to learn whether a page in use is missing.
    const follow = deep || this.#meta.lastPage >= this.#pages;
    for (const root of this.#meta.roots) {
      if (root === NO_PAGE) continue;
      const page = await this.#read(root);
      const fault = typeof page === 'string' ? page : follow ? await this.#follow(page) : undefined;
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  async #read(number: bigint): Promise<Buffer | string> {
    if (number >= this.#pages) return `page ${number} is missing`;
    const { pageSize } = this.#meta;
    const page = Buffer.alloc(pageSize);
    await this.#file.read(page, 0, pageSize, Number(number) * pageSize);
    const flags = page.readUInt16LE(18);
    const kind = flags & (BRANCH | LEAF | OVERFLOW);
    if (page.readBigUInt64LE(0) !== number || (kind !== BRANCH && kind !== LEAF)) {
      return `page ${number} holds something else`;
    }
    const lower = page.readUInt16LE(20);
    const upper = page.readUInt16LE(22);
    // Both count from the end of the header.
    if (lower > upper || upper > pageSize - PAGE_HEADER || (lower & 1) !== 0) {
      return `page ${number} has impossible bounds`;
    }
    return page;
  }

  async #follow(page: Buffer): Promise<string | undefined> {
    const branch = (page.readUInt16LE(18) & BRANCH) !== 0;
    const nodes = page.readUInt16LE(20) / 2;
    for (let i = 0; i < nodes; i++) {
      const at = PAGE_HEADER + page.readUInt16LE(PAGE_HEADER + 2 * i);
      if (at + 8 > page.length) return `page ${page.readBigUInt64LE(0)} has impossible bounds`;
      const fault = branch ? await this.#followChild(page, at) : await this.#followLeaf(page, at);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  async #followChild(page: Buffer, at: number): Promise<string | undefined> {
    // A branch node keeps its page number in 48 bits.
    const child = await this.#read(BigInt(page.readUIntLE(at, 6)));
    return typeof child === 'string' ? child : this.#follow(child);
  }

  async #followLeaf(page: Buffer, at: number): Promise<string | undefined> {
    const flags = page.readUInt16LE(at + 4);
    const value = at + 8 + page.readUInt16LE(at + 6);
    const size = (flags & BIG) === 0 ? page.readUInt32LE(at) : 24;
    if (value + size > page.length) return `page ${page.readBigUInt64LE(0)} has impossible bounds`;
    if ((flags & BIG) !== 0) {
      const first = page.readBigUInt64LE(value);
      const end = first + page.readBigUInt64LE(value + 16);
      return end > this.#pages ? `page ${first} is missing` : undefined;
    }
    if ((flags & TABLE) === 0) return undefined;
    const root = page.readBigUInt64LE(value + 40);
    if (root === NO_PAGE) return undefined;
    const child = await this.#read(root);
    return typeof child === 'string' ? child : this.#follow(child);
  }
}
