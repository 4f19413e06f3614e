import type { Result } from '../base/result.ts';
import type { DiagnosticCode } from '../diagnostics/codes.ts';

/** The files below the root of a project; the one way by which the files of a pipeline are read. */
export interface ProjectFiles {
  /** Absolute, symbolic links resolved. */
  readonly root: string;
  /**
   * Reads a whole file of at most `maxBytes`.
   *
   * With `from` (absolute), `path` was written in that file: it is looked up in its folder, then at
   * the root, and must not try to leave. Without, it was given on the command line: it may be
   * absolute or relative to the working directory, and must end up below the root all the same.
   */
  read(path: string, options: ReadOptions): Promise<Result<ProjectFile, FileProblem>>;
  /** Finds a file or folder without reading it. */
  locate(path: string, options: LocateOptions): Promise<Result<LocatedFile, FileProblem>>;
}

export interface LocateOptions {
  readonly from?: string;
  /** What the path should lead to; a file if not given. */
  readonly kind?: 'file' | 'folder';
}

export interface ReadOptions {
  readonly from?: string;
  readonly maxBytes: number;
}

export interface LocatedFile {
  /** Absolute, symbolic links resolved, below the root. */
  readonly path: string;
  /** Relative to the root with `/`, for messages. */
  readonly shownPath: string;
}

export interface ProjectFile extends LocatedFile {
  readonly bytes: Uint8Array;
}

/** Why a file cannot be had. */
export interface FileProblem {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly help: string;
}

/** Largest pipeline and project files, in bytes. */
export const PIPELINE_FILE_BYTES: number = 256 * 1024;
/** Largest schema files, in bytes. */
export const SCHEMA_FILE_BYTES: number = 64 * 1024;

const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?$/iu;
// oxlint-disable-next-line no-control-regex -- control characters in names are what is refused
const WINDOWS_CHARACTER = /[:"<>|\\\u0000-\u001f]/u;

/**
 * Whether a path that is written in a file can be used at all, whatever is on the disk: relative,
 * without `..`, and with names that every system can hold.
 */
export function checkWrittenPath(path: string): FileProblem | undefined {
  const beyond = leavesProject(path);
  if (beyond !== undefined) {
    return {
      code: 'E-Y44',
      message: `the path ${shownPath(path)} ${beyond}`,
      help: 'write a path below the root of the project, such as data/companies.csv',
    };
  }
  if (/[*?]/u.test(path)) {
    return {
      code: 'E-Y01',
      message: `there is no file ${shownPath(path)}: "*" and "?" stand for nothing here`,
      help: 'name one file; several with the same columns are joined with "union all" in a SQL step',
    };
  }
  const name = path.split('/').find(isWindowsTrap);
  if (name === undefined) return undefined;
  return {
    code: 'E-Y46',
    message: `the name ${shownPath(name)} cannot be used on Windows`,
    help: 'rename the file',
  };
}

function leavesProject(path: string): string | undefined {
  if (/^[a-z][a-z0-9+.-]+:\/\//iu.test(path)) return 'is an address, not a file';
  if (path.startsWith('/') || path.startsWith('\\') || /^[a-z]:[\\/]/iu.test(path)) {
    return 'is absolute';
  }
  if (path.startsWith('~')) return 'starts with ~, which is not expanded here';
  if (path.includes('\0')) return 'contains a NUL character';
  return path.split(/[\\/]/u).includes('..') ? 'contains ".."' : undefined;
}

function isWindowsTrap(name: string): boolean {
  if (name === '' || name === '.') return false;
  return WINDOWS_DEVICE.test(name) || WINDOWS_CHARACTER.test(name) || /[. ]$/u.test(name);
}

const shownPath = (path: string): string => JSON.stringify(path.slice(0, 200));
