import { type AnyFunction, bound, current } from "../hooks/context.ts";
import type { FollowedModule } from "../hooks/modules.ts";
import { ownSocket } from "../hooks/sockets.ts";
import { bindLast, keep, kept, methodsOf } from "./patching.ts";

interface MysqlCommand {
  onResult?: unknown;
  emit: AnyFunction;
  listenerCount: (event: unknown) => number;
}

interface MysqlConnection {
  readonly stream?: unknown;
  readonly _command?: object | null;
}

/** mysql2 2 and 3: what a connection sends is of the command that it has under way. */
export const mysql2: readonly FollowedModule[] = [
  { library: "mysql2", path: /^mysql2\/lib\/(base\/)?connection\.js$/, patch: followConnection },
  {
    library: "mysql2",
    path: /^mysql2\/lib\/(base\/)?(pool|pool_cluster)\.js$/,
    patch: (Pool) => bindLast(methodsOf(Pool), "getConnection"),
  },
];

function followConnection(Connection: unknown): void {
  const methods = methodsOf(Connection);
  if (!Object.hasOwn(methods, "addCommand")) return;
  const { addCommand } = methods;
  methods.addCommand = function (...args) {
    try {
      follow(this as MysqlConnection, args[0] as MysqlCommand);
    } catch {
      // Another version: its statements stay guesses.
    }
    return addCommand?.apply(this, args);
  };
}

function follow(connection: MysqlConnection, command: MysqlCommand): void {
  ownSocket(connection.stream, () => {
    const { _command: underWay } = connection;
    return underWay == null ? null : kept(underWay);
  });
  keep(command, current());
  const { onResult, emit } = command;
  if (typeof onResult === "function") command.onResult = bound(onResult as AnyFunction);
  const emitBound = bound(emit);
  command.emit = function (...args) {
    return command.listenerCount(args[0]) === 0 ? emit.apply(this, args) : emitBound.apply(this, args);
  };
}
