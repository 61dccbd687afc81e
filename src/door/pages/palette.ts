/** The pages' colours, in both themes: deep water and warm sand, as in the dashboard. Text keeps 4.5:1 on what it stands on. */
export const PALETTE = `
:root{color-scheme:light dark;
--page:light-dark(#f4efe4,#08171d);--card:light-dark(#fffdf8,#0f252e);--sunk:light-dark(#ebe4d4,#0a1d25);
--ink:light-dark(#0f2d37,#ece6d9);--soft:light-dark(#48606a,#a5bbbe);--line:light-dark(#ddd3bf,#1f3f4a);
--teal:light-dark(#0a666d,#66cdc6);--sand:light-dark(#855308,#ecc380);--coral:light-dark(#a93222,#ff9f8b);
--boat:light-dark(#d08f2b,#ecc380);--depth:light-dark(#e4dbc8,#10303a)}`;
