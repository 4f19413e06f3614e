import { register } from 'node:module';
import { isMainThread } from 'node:worker_threads';

/**
 * Runs TypeScript, as `--import` of a process. tsx does that too, but gives every function its name
 * anew each time it is made, and a simulation makes millions of them.
 */
if (isMainThread) register(import.meta.url);

/**
 * The hook of Node that reads a module.
 *
 * @param {string} url
 * @param {{ format?: string }} context
 * @param {(url: string, context: object) => Promise<{ source: { toString: () => string } }>} next
 */
export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const { source } = await next(url, { ...context, format: 'module' });
  const { default: ts } = await import('typescript');
  const { outputText } = ts.transpileModule(source.toString(), {
    compilerOptions: {
      module: ts.ModuleKind.ESNext,
      target: ts.ScriptTarget.ES2023,
      verbatimModuleSyntax: true,
    },
  });
  return { format: 'module', source: outputText, shortCircuit: true };
}
