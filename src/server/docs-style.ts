import { createHash } from 'node:crypto';
import type { Html } from './docs-html.ts';

const STYLE = `
:root { color-scheme: light dark; --ink: #1c1e21; --soft: #5b6168; --paper: #fff; --tint: #f4f5f6; --line: #dcdfe3; --link: #0b57b0; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e8ea; --soft: #a2a9b1; --paper: #15171a; --tint: #1e2125; --line: #343a40; --link: #86b7f5; }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; color: var(--ink); background: var(--paper); font: 16px/1.55 system-ui, sans-serif; }
a { color: var(--link); text-underline-offset: .15em; }
a:focus-visible, summary:focus-visible, pre:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: 1rem; background: var(--paper); padding: .5rem; }
.page { display: grid; grid-template-columns: 17rem minmax(0, 1fr); max-width: 80rem; margin: 0 auto; }
nav { position: sticky; top: 0; align-self: start; max-height: 100vh; overflow: auto; padding: 1.5rem 1rem; border-right: 1px solid var(--line); font-size: .9rem; }
nav h2, nav summary { font-size: .8rem; font-weight: 700; color: var(--soft); margin: 1.2rem 0 .3rem; }
nav h2 { border: 0; padding: 0; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav li { margin: .2rem 0; }
nav a { text-decoration: none; }
nav a:hover { text-decoration: underline; }
main { padding: 1.5rem 2rem 6rem; }
h1 { font-size: 1.8rem; line-height: 1.2; margin: 0 0 .3rem; }
h2 { font-size: 1.35rem; margin: 3rem 0 .5rem; border-bottom: 1px solid var(--line); padding-bottom: .3rem; }
h3 { font-size: 1.1rem; margin: 2.2rem 0 .3rem; }
h4 { font-size: .95rem; margin: 1.3rem 0 .4rem; }
p { max-width: 46rem; margin: .5rem 0; }
.lead, em, .limits { color: var(--soft); }
em { font-size: .8rem; font-weight: 400; }
code, pre, .method { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .86em; }
:not(pre) > code { background: var(--tint); padding: .1em .3em; border-radius: 3px; overflow-wrap: anywhere; }
pre { background: var(--tint); border: 1px solid var(--line); border-radius: 6px; padding: .8rem 1rem; overflow: auto; max-height: 32rem; line-height: 1.45; }
.route { font-size: 1.05rem; }
.method { font-weight: 700; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .45rem .7rem .45rem 0; border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-size: .8rem; }
tbody th { font-weight: 400; white-space: nowrap; }
.limits { list-style: none; margin: .2rem 0 0; padding: 0; font-size: .85rem; }
details { margin: .4rem 0; }
summary { cursor: pointer; font-size: .9rem; padding: .2rem 0; }
@media (max-width: 50rem) {
  .page { display: block; }
  nav { position: static; max-height: none; border-right: 0; border-bottom: 1px solid var(--line); }
  main { padding: 1.5rem 1rem 4rem; }
}
@media print { nav { display: none; } .page { display: block; } }
`;

/** The one style sheet of the documentation page, whole: a blank more would change its digest. */
export const DOCS_STYLE: Html = { markup: `<style>${STYLE}</style>` };

/** Lets a browser use this style sheet and load nothing at all. */
export const DOCS_POLICY: string = `default-src 'none'; style-src 'sha256-${createHash('sha256')
  .update(STYLE)
  .digest('base64')}'; base-uri 'none'; form-action 'none'`;
