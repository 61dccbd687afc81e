import { expect, test } from "vitest";
import { programNames } from "./program.ts";

const of = (executable: string | null, name: string | null, ...args: string[]) =>
  programNames({ executable, name, command: args.join(" "), arguments: args });

test.each([
  [
    "a link to a program of many names",
    of("/usr/bin/redis-check-rdb", "redis-server", "redis-server *:6379"),
    "redis-server",
  ],
  ["a link to a program's newer name", of("/usr/sbin/mariadbd", "mysqld", "/usr/sbin/mysqld"), "mysqld"],
  ["an applet", of("/usr/bin/busybox", "busybox", "busybox", "httpd", "-f"), "httpd"],
  ["a version in the file's name", of("/usr/bin/python3.11", "python3", "python3", "-m", "http.server"), "python3.11"],
  [
    "a program that calls itself something else",
    of("/usr/lib/postgresql/18/bin/postgres", "postgres", "shop-db: writer"),
    "postgres",
  ],
  ["another user's", of(null, "memcached", "/usr/bin/memcached", "-m"), "memcached"],
  [
    "one that shows nothing but a kernel's name",
    programNames({ executable: null, name: "kthreadd", command: null, arguments: [] }),
    "kthreadd",
  ],
])("%s", (_, found, program) => {
  expect(found.program).toBe(program);
});

test.each([
  [of("/usr/bin/node", "node", "node", "/p/node_modules/vite/bin/vite.js", "--host"), "vite"],
  [of("/usr/bin/node", "node", "node", "-r", "./hook.cjs", "node_modules/.bin/next", "dev"), "next"],
  [of("/usr/bin/python3.11", "python3", "python3", "-m", "http.server", "80"), "http.server"],
  [of("/usr/bin/python3.11", "python3", "python3", "manage.py", "runserver"), "runserver"],
  [of("/usr/bin/python3.11", "jupyter-lab", "/usr/bin/python3", "/usr/bin/jupyter-lab", "--ip=0.0.0.0"), "jupyter-lab"],
  [
    of("/usr/bin/java", "java", "java", "-Xmx1g", "-cp", "/opt/x.jar", "kafka.Kafka", "server.properties"),
    "kafka.Kafka",
  ],
  [of("/usr/bin/java", "java", "java", "-jar", "/srv/shop.jar"), "shop"],
])("an interpreter is what it runs: %#", (found, name) => {
  expect(found.names).toContain(name);
});

test("a folder's name, or an argument's, is no program's", () => {
  const { names } = of("/usr/bin/node", "node", "node", "/home/ann/next/server.js", "--db", "redis-server");
  expect(names).not.toContain("next");
  expect(of("/opt/shop/server", "server", "/opt/shop/server", "--cache=redis-server").names).toEqual(["server"]);
});
