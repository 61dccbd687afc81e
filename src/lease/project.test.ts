import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { scratch } from "../../test/support/scratch.ts";
import { identifyProject } from "./project.ts";

/** Real git, without the user's or the system's configuration. */
function git(cwd: string, ...args: string[]): string {
  const env = {
    PATH: process.env.PATH,
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_SYSTEM: "/dev/null",
    ...{ GIT_AUTHOR_NAME: "Ann", GIT_AUTHOR_EMAIL: "ann@example.com" },
    ...{ GIT_COMMITTER_NAME: "Ann", GIT_COMMITTER_EMAIL: "ann@example.com" },
  };
  return execFileSync("git", args, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
}

function write(file: string, text = ""): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** A repository `shop` with one commit, and what was asked for in it. */
function repository(files: Record<string, string> = { README: "" }): string {
  const root = join(scratch("project"), "shop");
  for (const [file, text] of Object.entries(files)) write(join(root, file), text);
  git(root, "init", "-q", "-b", "main");
  git(root, "add", ".");
  git(root, "commit", "-qm", "first");
  return root;
}

describe("the root", () => {
  test("outside git is the nearest folder with a package or config file, else the folder itself", async () => {
    const folder = scratch("project");
    write(join(folder, "a", "package.json"), "{}");
    write(join(folder, "a", "b", "go.mod"));
    mkdirSync(join(folder, "a", "b", "c", "d"), { recursive: true });
    mkdirSync(join(folder, "a", "e"));
    mkdirSync(join(folder, "f"));
    const roots = await Promise.all(
      ["a", "a/b", "a/b/c/d", "a/e", "f"].map(async (dir) => (await identifyProject(join(folder, dir))).root),
    );
    expect(roots).toEqual(["a", "a/b", "a/b", "a", "f"].map((dir) => join(folder, dir)));
  });

  test.each(["cove.config.ts", "cove.yaml", "cove.json", "package.json", "pyproject.toml", "go.mod", "Cargo.toml"])(
    "is where %s is",
    async (marker) => {
      const root = repository({ README: "", [`apps/web/${marker}`]: "{}", "apps/web/src/x": "" });
      expect((await identifyProject(join(root, "apps/web/src"))).root).toBe(join(root, "apps/web"));
      expect((await identifyProject(join(root, "apps"))).root).toBe(root);
    },
  );

  test("is never above the checkout", async () => {
    const root = repository();
    write(join(dirname(root), "package.json"), "{}");
    expect((await identifyProject(root)).root).toBe(root);
  });

  test("is the same whatever link leads to it", async () => {
    const root = repository();
    const link = join(dirname(root), "link");
    symlinkSync(root, link);
    expect(await identifyProject(link)).toEqual(await identifyProject(root));
  });

  test("of a folder that is not there is the folder", async () => {
    const missing = join(scratch("project"), "missing");
    expect(await identifyProject(missing)).toMatchObject({ root: missing, name: "missing", branch: null });
  });
});

describe("the name", () => {
  test("is package.json's without scope, else the folder's, as a DNS label", async () => {
    const name = async (text: string, dir = "My Shop_2") => {
      const folder = join(scratch("project"), dir);
      write(join(folder, "package.json"), text);
      return (await identifyProject(folder)).name;
    };
    expect(await name('{"name": "@acme/Web_Front"}')).toBe("web-front");
    expect(await name("{}")).toBe("my-shop-2");
    expect(await name('{"name": 5}')).toBe("my-shop-2");
    expect(await name("{ not json")).toBe("my-shop-2");
    expect(await name("{}", "日本")).toBe("app");
  });
});

describe("worktrees", () => {
  test("the main checkout has no branch, whatever is checked out", async () => {
    const root = repository();
    const before = await identifyProject(root);
    git(root, "switch", "-qc", "other");
    expect(before).toMatchObject({ root, branch: null, name: "shop" });
    expect(before.key).toMatch(/^[0-9a-f]{16}$/);
    expect(await identifyProject(root)).toEqual(before);
  });

  test("a linked worktree is a project of its own, with its branch and the repository's name", async () => {
    const root = repository();
    const tree = join(dirname(root), "shop-x");
    git(root, "worktree", "add", "-qb", "feature/x", tree);
    const project = await identifyProject(tree);
    expect(project).toMatchObject({ root: tree, branch: "feature/x", name: "shop" });
    expect(project.key).not.toBe((await identifyProject(root)).key);

    git(tree, "switch", "-qc", "feature/y");
    expect(await identifyProject(tree)).toMatchObject({ branch: "feature/y" });
    expect((await identifyProject(tree)).key).not.toBe(project.key);
  });

  test("a package deep in a worktree has the worktree's branch and its own name", async () => {
    const root = repository({ "apps/web/package.json": '{"name": "web"}' });
    const tree = join(dirname(root), "tree");
    git(root, "worktree", "add", "-qb", "fix", tree);
    expect(await identifyProject(join(tree, "apps/web"))).toMatchObject({ branch: "fix", name: "web" });
  });

  test("a detached one is called after its folder, so that its key outlives commits", async () => {
    const root = repository();
    const tree = join(dirname(root), "bisecting");
    git(root, "worktree", "add", "-q", "--detach", tree);
    const before = await identifyProject(tree);
    expect(before.branch).toBe("bisecting");
    git(tree, "commit", "-qm", "second", "--allow-empty");
    expect(await identifyProject(tree)).toEqual(before);
  });

  test("during a rebase the branch stays", async () => {
    const root = repository();
    const tree = join(dirname(root), "tree");
    git(root, "worktree", "add", "-qb", "feature", tree);
    for (const [where, text] of [
      [root, "one"],
      [tree, "two"],
    ] as const) {
      write(join(where, "README"), text);
      git(where, "commit", "-qam", text);
    }
    expect(() => git(tree, "rebase", "-q", "main")).toThrow();
    expect(readFileSync(join(git(tree, "rev-parse", "--absolute-git-dir"), "HEAD"), "utf8")).not.toContain("ref:");
    expect((await identifyProject(tree)).branch).toBe("feature");
  });

  test("one with relative paths, and one of a bare repository, are read too", async () => {
    const root = repository();
    const bare = join(dirname(root), "store.git");
    git(dirname(root), "clone", "-q", "--bare", root, bare);
    const tree = join(dirname(root), "tree");
    git(bare, "worktree", "add", "-qb", "fix", tree);
    expect(await identifyProject(tree)).toMatchObject({ branch: "fix", name: "store" });

    write(join(tree, ".git"), "gitdir: ../store.git/worktrees/tree\n");
    expect(await identifyProject(tree)).toMatchObject({ branch: "fix", name: "store" });
  });

  test("a submodule is a checkout of its own without a branch", async () => {
    const outer = repository();
    const inner = repository();
    git(outer, "-c", "protocol.file.allow=always", "submodule", "add", "-q", inner, "lib");
    expect(await identifyProject(join(outer, "lib"))).toMatchObject({
      root: join(outer, "lib"),
      branch: null,
      name: "lib",
    });
  });

  test("a moved checkout is another project", async () => {
    const root = repository();
    const before = await identifyProject(root);
    const moved = join(dirname(root), "moved");
    renameSync(root, moved);
    expect((await identifyProject(moved)).key).not.toBe(before.key);
  });
});
