/** The pages' colours, in both themes: deep water and warm sand, as in the dashboard. Text keeps 4.5:1 on what it stands on. */
const PALETTE = `
:root{color-scheme:light dark;
--page:light-dark(#f4efe4,#08171d);--card:light-dark(#fffdf8,#0f252e);--sunk:light-dark(#ebe4d4,#0a1d25);
--ink:light-dark(#0f2d37,#ece6d9);--soft:light-dark(#48606a,#a5bbbe);--line:light-dark(#ddd3bf,#1f3f4a);
--teal:light-dark(#0a666d,#66cdc6);--sand:light-dark(#855308,#ecc380);--coral:light-dark(#a93222,#ff9f8b);
--boat:light-dark(#d08f2b,#ecc380);--depth:light-dark(#e4dbc8,#10303a)}`;

/** The whole style: one sheet, no scripts, nothing from elsewhere. */
export const STYLE = `${PALETTE}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;background:var(--page);color:var(--ink);font:1rem/1.6 ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
.bay{position:fixed;z-index:-1;right:-14rem;bottom:-15rem;width:38rem;fill:none;stroke:var(--depth);stroke-width:1.5;stroke-linecap:round;transform:rotate(205deg)}
@media (max-width:60rem){.bay{right:-13rem;bottom:-17rem;width:28rem}}
main{max-width:45rem;margin:0 auto;padding:clamp(1.75rem,8vh,5.5rem) 1.25rem 4rem}
.home{display:inline-flex;align-items:center;gap:.6rem;color:var(--ink);font-weight:650;letter-spacing:-.01em;text-decoration:none}
.mark{width:1.9rem;height:1.9rem;fill:none;stroke:var(--teal);stroke-width:4.4;stroke-linecap:round}
.mark circle{fill:var(--boat);stroke:none}
.status{display:flex;flex-wrap:wrap;align-items:center;gap:.15rem .6rem;margin:clamp(1.75rem,5vh,3rem) 0 .5rem;color:var(--tone);font-size:.85rem;font-weight:600}
.status::before{content:"";width:.6rem;height:.6rem;border-radius:50%;background:currentColor}
.status code{color:var(--soft);font-size:.8rem}
.calm{--tone:var(--teal)}.ask{--tone:var(--sand)}.bad{--tone:var(--coral)}
h1{margin:0 0 .9rem;font-size:clamp(1.6rem,1.1rem + 2.4vw,2.3rem);line-height:1.2;letter-spacing:-.022em;font-weight:680;overflow-wrap:anywhere;text-wrap:balance}
p{margin:0 0 .75rem;max-width:62ch;overflow-wrap:anywhere}
.soft{color:var(--soft)}
h2{margin:2.25rem 0 .65rem;color:var(--soft);font-size:.9rem;font-weight:600}
a{color:var(--teal);text-underline-offset:.2em}
ul{list-style:none;margin:0;padding:0;background:var(--card);border:1px solid var(--line);border-radius:.875rem;overflow:hidden}
li+li{border-top:1px solid var(--line)}
li a{display:block;padding:.6rem 1.1rem;text-decoration:none;overflow-wrap:anywhere}
li a:hover{background:var(--sunk)}
code,pre{font-family:ui-monospace,"SF Mono","Cascadia Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.875rem}
p code{overflow-wrap:anywhere;color:var(--ink)}
pre{margin:0;padding:.9rem 1.1rem;line-height:1.65;background:var(--card);border:1px solid var(--line);border-radius:.875rem;overflow-x:auto}
pre:not(.log){white-space:pre-wrap;overflow-wrap:anywhere}
.again{margin-top:1.25rem}
pre i{color:var(--soft);font-style:normal;user-select:none}
pre.log{max-height:24rem;overflow-y:auto;background:var(--sunk);color:var(--ink);white-space:pre-wrap;overflow-wrap:anywhere;tab-size:4}
:focus-visible{outline:2px solid var(--teal);outline-offset:3px;border-radius:4px}
li a:focus-visible{outline-offset:-3px}
@media (prefers-reduced-motion:no-preference){.calm.status::before{animation:breathe 2s ease-in-out infinite}@keyframes breathe{50%{opacity:.3}}}`;

/** Cove's mark: a bay with something safe in it. */
export const MARK = `<svg class="mark" viewBox="0 0 32 32" aria-hidden="true"><path d="M23.6 8.300A11 11 0 1 0 23.6 23.7"/><circle cx="17" cy="16" r="3.6"/></svg>`;

/** The same bay, drawn large as depth lines at the edge of the page. */
export const BAY = `<svg class="bay" viewBox="0 0 400 400" aria-hidden="true">${[40, 70, 101, 133, 166, 198]
  .map((radius) => `<circle cx="200" cy="200" r="${radius}" pathLength="100" stroke-dasharray="84 16"/>`)
  .join("")}</svg>`;
