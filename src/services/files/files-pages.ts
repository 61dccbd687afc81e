const STYLE = `:root{color-scheme:light dark}
body{margin:0;background:light-dark(#fbf8f1,#0d1b20);color:light-dark(#12303a,#e8e3d6);font:16px/1.6 system-ui,sans-serif}
main{max-width:46rem;margin:0 auto;padding:3rem 1.25rem}h1{font-size:1.4rem;overflow-wrap:anywhere}
ul{list-style:none;padding:0;border-top:1px solid light-dark(#e3dccb,#24404a)}
li{border-bottom:1px solid light-dark(#e3dccb,#24404a)}
a{display:block;padding:.5rem 0;color:light-dark(#0f4c5c,#7cc4cf);text-decoration:none;overflow-wrap:anywhere}
a:hover,a:focus-visible{text-decoration:underline}`;

/** One name in a folder. */
export interface Entry {
  readonly name: string;
  readonly folder: boolean;
}

/** What is in a folder without an index.html: folders first, then by name as people count (`a2` before `a10`). */
export function listingPage(path: string, entries: readonly Entry[]): string {
  const sorted = entries.toSorted(
    (a, b) => Number(b.folder) - Number(a.folder) || a.name.localeCompare(b.name, "en", { numeric: true }),
  );
  const up = path === "/" ? "" : `<li><a href="../">../</a></li>`;
  const items = sorted.map(({ name, folder }) => {
    const slash = folder ? "/" : "";
    // `./` keeps a name such as `javascript:x` from being read as a URL.
    return `<li><a href="./${escapeHtml(encodeURIComponent(name))}${slash}">${escapeHtml(name)}${slash}</a></li>`;
  });
  return page(path, `<ul>${up}${items.join("")}</ul>`);
}

export function missingPage(path: string): string {
  return page("Nothing here", `<p>This folder has no ${escapeHtml(path)}</p><p><a href="/">To the start</a></p>`);
}

function page(title: string, body: string): string {
  const safe = escapeHtml(title);
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${safe}</title><style>${STYLE}</style></head><body><main><h1>${safe}</h1>${body}</main></body></html>\n`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
