/** The pages' whole style: one sheet, no scripts, nothing from elsewhere. Ink and deep teal on paper, sand as the accent. */
export const STYLE = `
:root{color-scheme:light dark;--ink:#12303a;--quiet:#5b6f75;--paper:#fbf8f1;--card:#fff;--line:#e3dccb;--accent:#0f4c5c;--sand:#c8872f}
@media (prefers-color-scheme:dark){:root{--ink:#e8e3d6;--quiet:#9bacb0;--paper:#0d1b20;--card:#14272e;--line:#24404a;--accent:#7cc4cf;--sand:#e0b26a}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;background:var(--paper);color:var(--ink);font:16px/1.6 ui-sans-serif,system-ui,sans-serif}
main{max-width:44rem;margin:0 auto;padding:clamp(2rem,9vh,6rem) 1.25rem 3rem}
svg{width:44px;height:44px;color:var(--accent);display:block}
.code{margin:1.75rem 0 0;color:var(--sand);font-size:.85rem;font-weight:600;letter-spacing:.06em;text-transform:uppercase}
h1{margin:.25rem 0 .75rem;font-size:clamp(1.6rem,5vw,2.25rem);line-height:1.2;letter-spacing:-.02em;overflow-wrap:anywhere;text-wrap:balance}
p{margin:0 0 1rem}
.quiet{color:var(--quiet)}
h2{margin:2.25rem 0 .6rem;font-size:.95rem;color:var(--quiet);font-weight:600}
a{color:var(--accent);text-underline-offset:3px}
ul{list-style:none;margin:0;padding:0;border-top:1px solid var(--line)}
li{border-bottom:1px solid var(--line)}
li a{display:block;padding:.6rem 0;text-decoration:none;overflow-wrap:anywhere}
li a:hover,li a:focus-visible{text-decoration:underline}
code,pre{font:.875rem/1.6 ui-monospace,SFMono-Regular,Menlo,monospace}
pre{margin:0;padding:.9rem 1.1rem;background:var(--card);border:1px solid var(--line);border-radius:.7rem;overflow-x:auto}
pre.log{white-space:pre-wrap;overflow-wrap:anywhere;color:var(--quiet)}
:focus-visible{outline:2px solid var(--accent);outline-offset:3px;border-radius:3px}
`;

/** A boat in the lee of an arc: the sheltered place that the name speaks of. */
export const MARK = `<svg viewBox="0 0 44 44" fill="none" stroke="currentColor" stroke-width="3" stroke-linecap="round" aria-hidden="true"><path d="M7 30a16 16 0 1 1 30 0"/><path d="M4 36.500q6-4 12 0t12 0 12 0"/><path d="M22 17v11M22 17l7 11H15z" stroke-width="2.500" stroke-linejoin="round"/></svg>`;
