/**
 * `new Date()` and `Date()` ask the machine for the time; `new Date(ms)` does not.
 *
 * @param {{ report: (found: { node: object, message: string }) => void }} context
 */
function noPresentTime(context) {
  /** @param {{ callee: { type: string, name?: string }, arguments: readonly object[] }} node */
  const look = (node) => {
    const { callee } = node;
    if (callee.type !== 'Identifier' || callee.name !== 'Date') return;
    if (node.arguments.length === 0) {
      context.report({ node, message: 'Take the time from the clock that is handed in.' });
    }
  };
  return { NewExpression: look, CallExpression: look };
}

/** A plugin of oxlint: what no list of forbidden names can say. */
export default {
  meta: { name: 'real-world' },
  rules: { 'no-present-time': { create: noPresentTime } },
};
