import "./icon.css";

/** Drawn in a 20 × 20 box with a line of 1.6, in the text's colour. */
const PATHS = {
  auto: "M10 2.8a7.2 7.2 0 1 0 0 14.4zM10 2.8a7.2 7.2 0 0 1 0 14.4",
  light:
    "M10 6.6a3.4 3.4 0 1 0 0 6.8 3.4 3.4 0 0 0 0-6.8M10 1.8v1.6M10 16.6v1.6M1.8 10h1.6M16.6 10h1.6M4.2 4.2l1.1 1.1M14.7 14.7l1.1 1.1M4.2 15.8l1.1-1.1M14.7 5.3l1.1-1.1",
  dark: "M16.8 11.9A7.2 7.2 0 0 1 8.1 3.2a7.2 7.2 0 1 0 8.7 8.7",
  copy: "M7.5 7.5h9v9h-9zM12.5 7.3V3.5h-9v9h3.8",
  check: "M4 10.6l3.9 3.9L16 5.8",
  open: "M8.2 4.5H4v11.5h11.5v-4.2M11.5 3.8h4.7v4.7M16 4l-6.8 6.8",
  restart: "M15.9 11.6a6.2 6.2 0 1 1-.9-5.2M15.6 2.9v3.9h-3.9",
  stop: "M5.5 5.5h9v9h-9z",
  start: "M6.5 4.2v11.6l9-5.8z",
  down: "M10 3.5v11.5M5.2 10.6L10 15.4l4.8-4.8",
  up: "M10 16.5V5M5.2 9.4L10 4.6l4.8 4.8",
  back: "M16.5 10H4.2M9 5.2L4.2 10 9 14.8",
  search: "M8.8 3.4a5.4 5.4 0 1 0 0 10.8 5.4 5.4 0 0 0 0-10.8M12.8 12.8l4 4",
  eye: "M1.8 10S4.8 4.6 10 4.6 18.2 10 18.2 10 15.2 15.4 10 15.4 1.8 10 1.8 10M10 7.6a2.4 2.4 0 1 0 0 4.8 2.4 2.4 0 0 0 0-4.8",
  "eye-off":
    "M3.2 3.2l13.6 13.6M8.3 4.8A7.6 7.6 0 0 1 10 4.6c5.2 0 8.2 5.4 8.2 5.4a14 14 0 0 1-2 2.6M5.6 6.2A13 13 0 0 0 1.8 10s3 5.4 8.2 5.4a7.9 7.9 0 0 0 3.9-1",
  close: "M5 5l10 10M15 5L5 15",
  keys: "M2.2 5h15.6v10h-15.6zM5.2 8h.1M8.3 8h.1M11.5 8h.1M14.7 8h.1M5.2 12h9.5",
  map: "M3 4.5h5v4h-5zM12 11.5h5v4h-5zM8 6.5h2.5v7H12",
  ports: "M3 3.5h14v13H3zM6.2 7h.1M10 7h.1M13.8 7h.1M6.2 10h.1M13.8 10h.1M6.2 13h.1M10 13h.1M13.8 13h.1",
  guard: "M10 2.6l6 2.2v4.6c0 3.8-2.5 6.6-6 8-3.5-1.4-6-4.2-6-8V4.8zM7.3 9.8l2 2 3.5-3.8",
  warning: "M10 3.2l7.4 13H2.6zM10 8v4M10 14.1v.1",
  list: "M3.5 5.5h13M3.5 10h13M3.5 14.5h13",
  branch: "M6 3.5v13M6 12c0-3 8-2 8-6M14 6.2a1.6 1.6 0 1 0 0-3.2 1.6 1.6 0 0 0 0 3.2",
  command: "M3 4h14v12H3zM5.8 7.5l2.5 2.5-2.5 2.5M10.5 12.7h3.5",
  postgres:
    "M4 5.3c0-1.4 2.7-2.3 6-2.3s6 .9 6 2.3-2.7 2.3-6 2.3-6-.9-6-2.3v9.4c0 1.4 2.7 2.3 6 2.3s6-.9 6-2.3V5.3M4 10c0 1.4 2.7 2.3 6 2.3s6-.9 6-2.3",
  files: "M2.8 5h5l1.8 2h7.6v9H2.8z",
  external: "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14M3.2 10h13.6M10 3c2.6 2 2.6 12 0 14M10 3c-2.6 2-2.6 12 0 14",
  traffic: "M3 6.5h11.5M11.5 3.4l3.1 3.1-3.1 3.1M17 13.5H5.5M8.5 10.4l-3.1 3.1 3.1 3.1",
  pause: "M7 4.5v11M13 4.5v11",
  hold: "M7 2.8h6L17.2 7v6L13 17.2H7L2.8 13V7zM7.6 7.4v5.2M12.4 7.4v5.2",
  trash: "M3.5 5.5h13M8 5.5V3.5h4v2M5.2 5.5l.8 11h8l.8-11M8.4 8.5v5M11.6 8.5v5",
  download: "M10 3v9M6.2 8.6L10 12.4l3.8-3.8M3.5 16.5h13",
  upload: "M10 13V3.6M6.2 7.4L10 3.6l3.8 3.8M3.5 16.5h13",
  compare: "M3 4.5h5.5v11H3zM11.5 4.5H17v11h-5.5M5 8h1.5M5 11h1.5M13.5 8H15M13.5 11H15",
  slow: "M10 3.2a6.8 6.8 0 1 0 0 13.6 6.8 6.8 0 0 0 0-13.6M10 6v4.2l2.8 1.6",
  edit: "M3.5 16.5l.8-3.6 9-9 2.8 2.8-9 9zM11.5 5.7l2.8 2.8",
  redis: "M10 3l7 3.2-7 3.2-7-3.2zM3 10l7 3.2 7-3.2M3 13.6l7 3.2 7-3.2",
  shape: "M3 6h7M14 6h3M12 4v4M3 14h2.5M9.5 14h7.5M7.5 12v4",
  browser: "M2.8 4h14.4v12H2.8zM2.8 7.8h14.4M5.2 5.9h.1M7.4 5.9h.1",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The icon of a service's kind; kinds without one of their own look like a command. */
export function kindIcon(kind: string): IconName {
  return kind === "postgres" || kind === "files" || kind === "external" ? kind : "command";
}
