import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { renderDiagnostic } from '../diagnostics/render.ts';
import { diagnosticJson } from '../diagnostics/render-json.ts';
import type { ExitCode, Io } from './io.ts';

/** Shows mistakes in the form that was asked for; as JSON it is one line, also fit for NDJSON. */
export function tellDiagnostics(diagnostics: readonly Diagnostic[], json: boolean, io: Io): void {
  if (json) {
    const shown = { type: 'diagnostics', diagnostics: diagnostics.map(diagnosticJson) };
    io.out(`${JSON.stringify(shown)}\n`);
    return;
  }
  for (const diagnostic of diagnostics) io.error(`${renderDiagnostic(diagnostic)}\n\n`);
}

/**
 * Says why a command cannot go on, in one sentence: to a person, or as one line of JSON. Gives
 * the exit code back.
 */
export function tellProblem(message: string, exit: ExitCode, json: boolean, io: Io): ExitCode {
  if (json) io.out(`${JSON.stringify({ type: 'error', message, exit })}\n`);
  else io.error(`${message}\n`);
  return exit;
}

/** `2 errors, 1 warning`. */
export function countDiagnostics(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  const warnings = diagnostics.length - errors;
  const plural = (count: number, word: string): string =>
    `${count} ${word}${count === 1 ? '' : 's'}`;
  return [
    ...(errors > 0 ? [plural(errors, 'error')] : []),
    ...(warnings > 0 ? [plural(warnings, 'warning')] : []),
  ].join(', ');
}
