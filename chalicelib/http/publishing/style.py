"""How the page looks; its hash is all that the page's policy allows."""

STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --line: #d5dae0; --paper: #ffffff; --tint: #f4f6f8;
  --link: #0b5cad; --get: #0b6bcb; --post: #1a7f37; --put: #8250df; --patch: #9a5b00; --delete: #c0262d; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ec; --soft: #9aa4ae; --line: #343b43; --paper: #14181c; --tint: #1d2329;
    --link: #6cb2ff; --get: #6cb2ff; --post: #56d364; --put: #c297ff; --patch: #e3b341; --delete: #ff8a80; } }
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.55 system-ui, "Segoe UI", Roboto,
  "Helvetica Neue", Arial, sans-serif; display: grid; grid-template-columns: 24rem minmax(0, 1fr); }
a { color: var(--link); text-decoration: none; } a:hover { text-decoration: underline; }
a:focus-visible, summary:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
code, .path { font: .875em/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace;
  overflow-wrap: anywhere; }
p code, td code, li code { background: var(--tint); border-radius: 4px; padding: .1em .3em; }
td code { display: inline-block; max-width: 100%; }
small { color: var(--soft); }
nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 1.25rem; border-right: 1px solid var(--line);
  background: var(--tint); font-size: .8125rem; }
nav h2 { font-size: .875rem; margin: 1rem 0 .25rem; } nav h2:first-of-type { margin-top: 0; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav li a { display: grid; grid-template-columns: 4rem minmax(0, 1fr); align-items: baseline; color: inherit;
  padding: .125rem 0; }
main { padding: 1.5rem clamp(1rem, 4vw, 3rem) 4rem; max-width: 62rem; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 1rem; } h1 small { font-size: 1rem; font-weight: 400; }
section > h2 { font-size: 1.375rem; margin: 3rem 0 .25rem; } section > h2 + p { margin-top: 0; color: var(--soft); }
article { border-top: 1px solid var(--line); padding: 1.25rem 0 .75rem; }
article:target { background: var(--tint); box-shadow: -1rem 0 var(--tint), 1rem 0 var(--tint); }
h3 { font-size: 1rem; margin: 0 0 .375rem; } h3 a { color: inherit; }
h4 { font-size: .875rem; margin: 1rem 0 .25rem; }
article p { margin: .25rem 0; }
.method { font-size: .75rem; font-weight: 700; letter-spacing: .02em; margin-right: .5rem; }
.get { color: var(--get); } .post { color: var(--post); } .put { color: var(--put); } .patch { color: var(--patch); }
.delete { color: var(--delete); }
.role { border: 1px solid var(--line); border-radius: 1rem; padding: 0 .6rem; font-size: .8125rem; font-weight: 400;
  color: var(--soft); margin-left: .5rem; white-space: nowrap; display: inline-block; }
table { width: 100%; border-collapse: collapse; font-size: .875rem; margin: .25rem 0 .5rem; table-layout: fixed; }
th { text-align: left; font-weight: 600; color: var(--soft); }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .75rem .3rem 0; vertical-align: top;
  overflow-wrap: anywhere; }
th:first-child { width: 34%; }
.codes th:first-child { width: 4rem; } .codes th:nth-child(2) { width: 34%; }
details { margin: .375rem 0; } summary { cursor: pointer; font-size: .875rem; } summary strong { font-weight: 600; }
@media (max-width: 60rem) {
  body { display: block; }
  nav { position: static; height: auto; border: 0; border-bottom: 1px solid var(--line); display: flex;
    flex-wrap: wrap; gap: .25rem 1rem; padding: .75rem 1rem; }
  th:first-child { width: 42%; } td small { display: block; } .codes th:nth-child(2) { width: 42%; }
  nav ul { display: none; } nav h2, nav h2:first-of-type { margin: 0; font-weight: 400; }
}
@media print { nav { display: none; } body { display: block; } }
"""
