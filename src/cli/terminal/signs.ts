import { isDumb } from "./screen.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Signs that Cove's own texts use, and what stands for them where only ASCII can be shown. */
const ASCII: Readonly<Record<string, string>> = {
  "→": "->",
  "←": "<-",
  "…": "...",
  "·": "-",
  "–": "-",
  "±": "+-",
  "⏎": "\\n",
  "§": "sec. ",
  "“": '"',
  "”": '"',
};
const SIGN = new RegExp(`[${Object.keys(ASCII).join("")}]`, "g");
const FRAMES = {
  ascii: ["-", "\\", "|", "/"],
  unicode: ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"],
};

/** Whether only ASCII can be shown: a locale that says another encoding than UTF-8, the kernel's console, a dumb terminal. */
function isAsciiOnly(env: Environment): boolean {
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find((value) => value !== undefined && value !== "");
  // Where nothing is said it is a container or a service: what reads it there takes UTF-8.
  if (locale !== undefined && !/utf-?8/i.test(locale)) return true;
  return env.TERM === "linux" || isDumb(env);
}

const asciiOnly = isAsciiOnly(process.env);

/** The text with Cove's own signs as this terminal can show them: `web->api` for `web→api` under LANG=C. */
export function shownSigns(text: string, ascii = asciiOnly): string {
  return ascii ? text.replace(SIGN, (sign) => ASCII[sign] ?? sign) : text;
}

/** A mark that turns with the frames. */
export function spinner(frame: number, ascii = asciiOnly): string {
  const frames = ascii ? FRAMES.ascii : FRAMES.unicode;
  return frames[frame % frames.length] ?? "";
}
