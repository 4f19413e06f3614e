import { constants } from 'node:fs';
import { open, realpath, stat, type FileHandle } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { fail, ok, type Result } from '../base/result.ts';
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
    if (from === undefined) return this.#resolve(path, resolve(this.#workingDirectory, path), kind);
    const refused = checkWrittenPath(path);
    if (refused !== undefined) return fail(refused);
    const beside = await this.#resolve(path, resolve(dirname(from), path), kind);
    if (beside.ok || beside.error.code !== 'E-Y01') return beside;
    return this.#resolve(path, resolve(this.root, path), kind);
  }

  async #resolve(
    written: string,
    candidate: string,
    kind: 'file' | 'folder',
  ): Promise<Result<LocatedFile, FileProblem>> {
    try {
      const path = await realpath(candidate);
      const shownPath = relative(this.root, path).split(sep).join('/');
      if (shownPath === '..' || shownPath.startsWith('../') || isAbsolute(shownPath)) {
        return fail(this.#outside(written, path === candidate));
      }
      const found = await stat(path);
      const wrong = wrongKind(written, kind, found.isFile(), found.isDirectory());
      return wrong === undefined ? ok({ path, shownPath }) : fail(wrong);
    } catch (error) {
      return fail(asProblem(written, error));
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

function wrongKind(
  path: string,
  wanted: 'file' | 'folder',
  isFile: boolean,
  isFolder: boolean,
): FileProblem | undefined {
  if (wanted === 'file' ? isFile : isFolder) return undefined;
  if (isFolder) return { code: 'E-Y02', message: `"${path}" is a folder, not a file` };
  if (isFile) return { code: 'E-Y26', message: `"${path}" is a file, not a folder` };
  return { code: 'E-Y44', message: `"${path}" is not a plain file, but a device, pipe or socket` };
}

function tooLarge(path: string, maxBytes: number): FileProblem {
  return {
    code: 'E-Y03',
    message: `${path} is larger than ${maxBytes / 1024} KB`,
    help: 'move records into a source file',
  };
}

function asProblem(path: string, error: unknown): FileProblem {
  const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  switch (reason) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ENAMETOOLONG':
      return { code: 'E-Y01', message: `no such file: ${path.slice(0, 200)}` };
    case 'ELOOP':
      return { code: 'E-Y44', message: `"${path}" is a symbolic link that leads to itself` };
    case 'EACCES':
    case 'EPERM':
      return { code: 'E-Y01', message: `no permission to read ${path}` };
    default:
      return { code: 'E-Y01', message: `cannot read ${path}: ${reason}` };
  }
}
