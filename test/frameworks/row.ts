/** A real program behind the door: the smallest project with it, and what has to be seen. `table.ts` lists them all. */
export interface Row {
  /** Its name at the door, which is the name in its package.json, and its folder's: small letters, digits, dashes. */
  readonly name: string;
  /** What the docs call it: `Vite with React`. */
  readonly title: string;
  /** npm packages with exact versions. The docs show the first one's version. Absent: those of this repository. */
  readonly packages?: Readonly<Record<string, string>>;
  /** What is typed in the project's folder to install it. Default: `npm install` where there are packages. */
  readonly install?: readonly (readonly string[])[];
  /** Programs that this machine must have; without them the row is skipped by name. */
  readonly needs?: readonly string[];
  /** Commands that must end with 0 for what a program alone doesn't tell: that Ruby finds a gem. Else it is skipped, too. */
  readonly needsToRun?: readonly (readonly string[])[];
  /** A command whose output has the version that the docs show. Default: the first package's. */
  readonly version?: readonly string[];
  /** The project's files by path. A package.json is written besides, and merged with one that is given here. */
  readonly files: Readonly<Record<string, string>>;
  /** Paths that the installation makes and that stay between runs, besides every node_modules: `.venv`. */
  readonly keep?: readonly string[];
  /** The script `dev` of package.json; it is started by `npm run dev`. */
  readonly dev?: string;
  /** What is typed behind `cove run --`. Default: `npm run dev`. */
  readonly run?: readonly string[];
  /** More of the environment, as a user might set it. */
  readonly env?: Readonly<Record<string, string>>;
  /** Started as the service `web` of a stack, by `cove up`, instead. */
  readonly stack?: true;
  readonly page: {
    /** Default `/`. */
    readonly path?: string;
    /** Text that the page shows once it is complete: what its scripts write, where it has any. */
    readonly says: string;
  };
  /** A file's edit, and the text that the page shows after it. */
  readonly edit?: {
    readonly file: string;
    readonly from: string;
    readonly to: string;
    readonly says: string;
    /** The page shows it after a reload by hand: the program restarts, or reads its files again, and tells no browser. */
    readonly byHand?: true;
  };
  /** The path of the connection by which the page hears of edits, or that its own script opens. */
  readonly webSocket?: RegExp;
  readonly eventStream?: RegExp;
  /** A path that the program answers with a redirect, and the path where the browser is then. */
  readonly redirect?: { readonly from: string; readonly to: string };
  /** Text with absolute links of the program's own making: a path, and what its body must have. `NAME` is the door's origin. */
  readonly links?: { readonly path: string; readonly has: string };
  /** How long each step may take at most, ms. */
  readonly limits?: { readonly install?: number; readonly start?: number; readonly reload?: number };
  /** One sentence for the docs. */
  readonly note?: string;
  /** Among the few that `npm test` runs: starts within a few seconds, with the packages of this repository. */
  readonly quick?: true;
}

export const LIMITS = { install: 600_000, start: 120_000, reload: 60_000 };

/** From its installation to its end, ms. */
export function rowLimit({ limits }: Row): number {
  const { install, start, reload } = { ...LIMITS, ...limits };
  return install + start + 3 * reload + 60_000;
}

/** What is typed in the row's folder. */
export const typed = ({ run }: Row): readonly string[] => run ?? ["npm", "run", "dev"];
