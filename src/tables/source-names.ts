import { didYouMean } from '../diagnostics/suggest.ts';
import { excerpt, type At, type SourceReport } from './source-report.ts';

/** Looks over the names of a source's columns, which become names in SQL and in templates. */
export function checkNames(names: readonly string[], report: SourceReport, at: At = {}): void {
  const known = new Map<string, string>();
  for (const [index, name] of names.entries()) {
    const other = known.get(name.toLowerCase());
    const shown = excerpt(name);
    if (name.trim() === '') {
      report.error('E-R94', `column ${index + 1} has no name`, at, 'name it, or remove it');
    } else if (name === '__proto__') {
      report.error('E-R94', 'a column cannot be called "__proto__"', at, 'rename it');
    } else if (other === name) {
      report.error('E-R94', `two columns are called "${shown}"`, at, 'rename one');
    } else if (other !== undefined) {
      const message = `"${excerpt(other)}" and "${shown}" differ only in upper and lower case`;
      report.error('E-R94', message, at, 'rename one: SQL takes them for the same column');
    } else if (name !== name.trim()) {
      const message = `there is white space around the column name "${shown}"`;
      report.error('E-R97', message, at, 'remove it');
    }
    known.set(name.toLowerCase(), name);
  }
}

/** Whether all key columns are there; what is missing goes into the report. */
export function hasKeyColumns(
  key: readonly string[],
  names: readonly string[],
  report: SourceReport,
  at: At = {},
): boolean {
  const missing = key.filter((name) => !names.includes(name));
  for (const name of missing) {
    const message = `there is no column "${excerpt(name)}", which is the key`;
    report.error('E-R102', message, at, didYouMean(name, names, 'columns'));
  }
  return missing.length === 0;
}
