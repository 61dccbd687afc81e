import type { FolderView } from "./folder-view.ts";

/** What stores data, and what else a stack has from elsewhere. */
export type StoreType = "postgres" | "mysql" | "redis" | "mongodb" | "rabbitmq" | "mail";

/** A program of the project that runs for a long time. */
export interface AppFinding {
  readonly type: "app";
  /** Relative to the project's folder. */
  readonly folder: string;
  /** A line for the shell. */
  readonly command: string;
  /** What it serves: `page` to browsers, `api` to pages, `worker` to nobody. */
  readonly role: "page" | "api" | "worker";
  /** Its name, where the file gives one. */
  readonly name?: string;
  /** The service of a compose file that it is. */
  readonly composed?: string;
  /** It does something once, and ends. */
  readonly ends?: true;
  readonly uses?: readonly StoreType[];
  /** What has to be done before it can run: `npm install`. */
  readonly missing?: string;
  /** Brings the database's tables up to date: run once before it starts. */
  readonly migrate?: string;
  /** Several of a folder are wanted only from a file that lists processes; of others the first counts. */
  readonly listed?: true;
  /** The file that says so, relative. */
  readonly source: string;
}

export interface StoreFinding {
  readonly type: "store";
  readonly store: StoreType;
  readonly name?: string;
  readonly database?: string;
  readonly user?: string;
  readonly password?: string;
  readonly init?: readonly string[];
  /** Of compose: `postgres:16`. */
  readonly image?: string;
  readonly source: string;
}

/** An app in a folder needs such a store. */
export interface UseFinding {
  readonly type: "uses";
  readonly folder: string;
  readonly store: StoreType;
  /** Brings the database's tables up to date. */
  readonly migrate?: string;
  readonly source: string;
}

/** A variable that an app of the folder reads, with an example of its value. */
export interface VariableFinding {
  readonly type: "variable";
  readonly folder: string;
  readonly name: string;
  readonly value: string;
  /** What it has to be in a stack, whatever the example says. */
  readonly fixed?: string;
  readonly source: string;
}

/** Code of a folder that talks to a fixed port of this machine. */
export interface FixedPortFinding {
  readonly type: "fixed-port";
  readonly folder: string;
  readonly port: number;
  readonly source: string;
}

/** A service of a compose file that is built from a folder, or comes as an image that no program here stands for. */
export interface ComposeFinding {
  readonly type: "compose";
  readonly name: string;
  /** Null: an image. */
  readonly folder: string | null;
  readonly needs: readonly string[];
  /** The port that it is published at. */
  readonly port: number | null;
  /** Where it listens in its container, as far as the file says. */
  readonly listens: readonly number[];
  readonly image: string | null;
  /** What its container runs, where that can run here; null: it can't. */
  readonly command: string | null;
  /** The compose file itself says what it runs. */
  readonly says: boolean;
  /** Others wait for its end. */
  readonly ends: boolean;
  /** Files that its container has below /run/secrets, by name. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly source: string;
}

export type Finding = AppFinding | StoreFinding | UseFinding | VariableFinding | FixedPortFinding | ComposeFinding;

/** Reads one kind of file: pure over the view. A new one is a file of its own and a line in `../readers.ts`. */
export interface Reader {
  /** What it reads, for the docs: `Procfile`. */
  readonly reads: string;
  /** Looks only at the project's own folder, not at those of its parts. Absent: at all. */
  readonly rootOnly?: true;
  readonly read: (view: FolderView, folder: string) => readonly Finding[];
}
