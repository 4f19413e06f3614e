import { constants } from 'node:fs';
import { open, readdir, realpath, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fail, ok, type Result } from '../base/result.ts';
import { closest } from '../diagnostics/suggest.ts';
import {
  checkWrittenPath,
  type FileProblem,
  type LocatedFile,
  type LocateOptions,
  type ProjectFile,
  type ProjectFiles,
  type ReadOptions,
} from '../pipeline/project-files.ts';

/**
 * The project's files on disk.
 *
 * A path is resolved with all its symbolic links before it is compared with the root, and what is
 * opened must still be a plain file: a link, pipe or device cannot be slipped in between.
 */
export class NodeProjectFiles implements ProjectFiles {
  readonly root: string;
  readonly #workingDirectory: string;

  private constructor(root: string, workingDirectory: string) {
    this.root = root;
    this.#workingDirectory = workingDirectory;
  }

  /** `root` must exist. `workingDirectory` is where paths of the command line start. */
  static async open(root: string, workingDirectory: string): Promise<NodeProjectFiles> {
    return new NodeProjectFiles(await realpath(root), workingDirectory);
  }

  async read(path: string, options: ReadOptions): Promise<Result<ProjectFile, FileProblem>> {
    const located = await this.locate(path, options);
    if (!located.ok) return located;
    let file: FileHandle | undefined;
    try {
      // The path has no links left; O_NOFOLLOW and O_NONBLOCK guard against a swap just now.
      const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
      file = await open(located.value.path, flags);
      const { size } = await file.stat();
      const { maxBytes } = options;
      // A folder of the path may have become a link in between.
      if ((await realpath(located.value.path)) !== located.value.path) {
        return fail(this.#outside(path, false));
      }
      if (size > maxBytes) return fail(tooLarge(located.value.shownPath, maxBytes));
      const bytes = new Uint8Array(maxBytes + 1);
      let length = 0;
      for (;;) {
        const { bytesRead } = await file.read(bytes, length, bytes.length - length);
        length += bytesRead;
        if (bytesRead === 0 || length > maxBytes) break;
      }
      if (length > maxBytes) return fail(tooLarge(located.value.shownPath, maxBytes));
      return ok({ ...located.value, bytes: bytes.slice(0, length) });
    } catch (error) {
      return fail(asProblem(path, error));
    } finally {
      await file?.close();
    }
  }

  async locate(path: string, options: LocateOptions): Promise<Result<LocatedFile, FileProblem>> {
    const { from, kind = 'file' } = options;
    const refused = from === undefined ? undefined : checkWrittenPath(path);
    if (refused !== undefined) return fail(refused);
    const starts = from === undefined ? [this.#workingDirectory] : [dirname(from), this.root];
    for (const start of starts) {
      const found = await this.#resolve(path, resolve(start, path), kind);
      if (found !== undefined) return found;
    }
    return fail({
      code: 'E-Y01',
      message: `no such ${kind}: ${path.slice(0, 200)}`,
      help: (await this.#nearest(path, starts, kind)) ?? startHelp(from, this.root, kind),
    });
  }

  /** Undefined where there is nothing. */
  async #resolve(
    written: string,
    candidate: string,
    kind: 'file' | 'folder',
  ): Promise<Result<LocatedFile, FileProblem> | undefined> {
    try {
      const path = await realpath(candidate);
      const shownPath = this.#shown(path);
      if (shownPath === undefined) return fail(this.#outside(written, path === candidate));
      const found = await stat(path);
      if (kind === 'file' ? found.isFile() : found.isDirectory()) return ok({ path, shownPath });
      if (found.isDirectory()) return fail(aFolder(written, await this.#namesIn(path, 'file')));
      return fail(found.isFile() ? aFile(written) : noPlainFile(written));
    } catch (error) {
      return MISSING.has(reasonOf(error)) ? undefined : fail(asProblem(written, error));
    }
  }

  /** Relative to the root, `/` between the names; undefined for what is not below it. */
  #shown(path: string): string | undefined {
    const shown = relative(this.root, path).split(sep).join('/');
    return shown === '..' || shown.startsWith('../') || isAbsolute(shown) ? undefined : shown;
  }

  /** A path like the one that leads nowhere, as it can be written in its place. */
  async #nearest(
    path: string,
    starts: readonly string[],
    kind: 'file' | 'folder',
  ): Promise<string | undefined> {
    for (const start of starts) {
      const names = await this.#namesIn(dirname(resolve(start, path)), kind);
      const meant = closest(basename(path), names);
      if (meant !== undefined) return `did you mean "${slashed(join(dirname(path), meant))}"?`;
    }
    return undefined;
  }

  /** The files or folders in a folder of the project, in alphabetical order; none of another one. */
  async #namesIn(folder: string, kind: 'file' | 'folder'): Promise<readonly string[]> {
    try {
      const path = await realpath(folder);
      if (this.#shown(path) === undefined) return [];
      const entries = await readdir(path, { withFileTypes: true });
      return entries
        .filter((entry) => (kind === 'file' ? entry.isFile() : entry.isDirectory()))
        .map(({ name }) => name)
        .filter((name) => !name.startsWith('.'))
        .toSorted();
    } catch {
      // There is no such folder either, or it cannot be read.
      return [];
    }
  }

  #outside(written: string, isDirect: boolean): FileProblem {
    const how = isDirect ? 'is' : 'leads';
    return {
      code: 'E-Y44',
      message: `the path "${written}" ${how} outside the project`,
      help: `files are read only below ${this.root}`,
    };
  }
}

const slashed = (path: string): string => path.split(sep).join('/');

/** Where paths start: said where no file is like the one that is missing. */
function startHelp(from: string | undefined, root: string, kind: 'file' | 'folder'): string {
  if (from === undefined) return 'write its path as seen from the current folder';
  return dirname(from) === root
    ? `write its path as seen from the root of the project, or make the ${kind}`
    : `write its path as seen from the folder of ${basename(from)} or from the root of the project`;
}

/** Endings of files that people mean when they name the folder. */
const READABLE = /\.(?:ya?ml|csv|tsv|json|ndjson|jsonl|parquet|duckdb|db)$/iu;

const aFolder = (path: string, names: readonly string[]): FileProblem => {
  const first = names.find((name) => READABLE.test(name));
  const such = first === undefined ? '' : `, such as ${slashed(join(path, first))}`;
  return {
    code: 'E-Y02',
    message: `"${path}" is a folder, not a file`,
    help: `name a file in it${such}`,
  };
};

const aFile = (path: string): FileProblem => ({
  code: 'E-Y26',
  message: `"${path}" is a file, not a folder`,
  help: `name the folder that it is in: ${slashed(dirname(path))}`,
});

const noPlainFile = (path: string): FileProblem => ({
  code: 'E-Y44',
  message: `"${path}" is not a plain file, but a device, pipe or socket`,
  help: 'write what it gives into a file of the project, and name that',
});

function tooLarge(path: string, maxBytes: number): FileProblem {
  return {
    code: 'E-Y03',
    message: `${path} is larger than ${maxBytes / 1024} KB`,
    help: 'move records into a source file',
  };
}

const MISSING: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG']);

const reasonOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error);

function asProblem(path: string, error: unknown): FileProblem {
  const reason = reasonOf(error);
  switch (reason) {
    case 'ELOOP':
      return {
        code: 'E-Y44',
        message: `"${path}" is a symbolic link that leads to itself`,
        help: 'remove the link, and put the file itself in its place',
      };
    case 'EACCES':
    case 'EPERM':
      return {
        code: 'E-Y01',
        message: `no permission to read ${path}`,
        help: 'let yourself read the file and enter its folders, as with chmod u+r',
      };
    default:
      return {
        code: 'E-Y01',
        message: `cannot read ${path}: ${reason}`,
        help: 'see whether other programs can read it; if not, put a copy in its place',
      };
  }
}
