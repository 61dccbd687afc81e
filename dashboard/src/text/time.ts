/** How long something took: `38 ms`, `0.4 s`, `12 s`, `2 min 5 s`. Takes ms. */
export function duration(ms: number): string {
  if (ms < 99.5) return `${Math.round(ms)} ms`;
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min${seconds % 60 === 0 ? "" : ` ${seconds % 60} s`}`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h${minutes % 60 === 0 ? "" : ` ${minutes % 60} min`}`;
  return `${Math.floor(hours / 24)} days`;
}

/** The same to three digits or so, for what is measured: `0.14 ms`, `3.2 ms`, `412 ms`, `1.24 s`. */
export function fine(ms: number): string {
  if (ms >= 59_995) return duration(ms);
  if (ms >= 999.5) return `${(ms / 1_000).toFixed(ms < 9_995 ? 2 : 1)} s`;
  const digits = ms === 0 || ms >= 9.95 ? 0 : ms < 0.995 ? 2 : 1;
  return `${ms.toFixed(digits)} ms`;
}

/** Since when, roughly enough to need no ticking: `just now`, `5 min`, `3 h`, `2 days`. Both in epoch ms. */
export function since(then: number, now: number): string {
  const minutes = Math.floor((now - then) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`;
}

/** How long ago: `just now`, `5 min ago`. Both in epoch ms. */
export function ago(then: number, now: number): string {
  const text = since(then, now);
  return text === "just now" ? text : `${text} ago`;
}

/** The local time of a log line, to the millisecond: `14:05:09.123`. Takes epoch ms. */
export function clock(time: number): string {
  const at = new Date(time);
  const two = (value: number) => String(value).padStart(2, "0");
  const millis = String(at.getMilliseconds()).padStart(3, "0");
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${millis}`;
}
