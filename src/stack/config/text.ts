import { isAlias, isMap, isScalar, isSeq, type Node, type ParsedNode, parseDocument } from "yaml";
import type { Fault } from "../../fault/fault.ts";
import { isUnreadable, readUserText, type Unreadable } from "../../text/user-text.ts";
import {
  type ConfigProblem,
  type ConfigSource,
  configFault,
  type KeyPath,
  type Position,
  positionAt,
} from "./source.ts";

type YamlDocument = ReturnType<typeof parseDocument<ParsedNode>>;

/** Reads cove.yaml or cove.json. JSON goes through the same parser, for its positions. Faults: CONFIG_INVALID. */
export function readTextConfig(file: string): { value: unknown; source: ConfigSource } | Fault {
  const text = readUserText(file);
  if (isUnreadable(text)) return configFault({ file, text: "", locate: () => null }, [unreadableProblem(text)]);
  const document = parseDocument<ParsedNode>(text, { prettyErrors: false, merge: true });
  const source: ConfigSource = { file, text, locate: (path, what) => locate(document, text, path, what) };
  const problems = file.endsWith(".json") ? jsonProblems(text, document) : yamlProblems(text, document);
  if (problems.length > 0) return configFault(source, problems);
  try {
    return { value: document.toJS(), source };
  } catch (error) {
    // Aliases that multiply beyond reason, or lead nowhere.
    return configFault(source, [{ path: [], message: messageOf(error) }]);
  }
}

function unreadableProblem({ unreadable, line }: Unreadable): ConfigProblem {
  return { path: [], message: unreadable, ...(line !== undefined && { position: { line, column: 1 } }) };
}

function yamlProblems(text: string, document: YamlDocument): ConfigProblem[] {
  // Later ones mostly follow from the first.
  return document.errors.slice(0, 1).map(({ message, pos }) => ({
    path: [],
    message: lowerFirst(message),
    position: positionAt(text, pos[0]),
  }));
}

function jsonProblems(text: string, document: YamlDocument): ConfigProblem[] {
  try {
    JSON.parse(text);
  } catch (error) {
    const [message = "", line, column] = /^(.*?)(?: at position \d+)?(?: \(line (\d+) column (\d+)\))?$/s
      .exec(messageOf(error))
      ?.slice(1) ?? [""];
    const position = line === undefined ? undefined : { line: Number(line), column: Number(column) };
    return [{ path: [], message: lowerFirst(message), ...(position !== undefined && { position }) }];
  }
  // JSON.parse silently takes the last of two equal keys.
  const twice = document.errors.filter(({ code }) => code === "DUPLICATE_KEY");
  return twice.map(({ pos }) => ({ path: [], message: "this key is there twice", position: positionAt(text, pos[0]) }));
}

function locate(document: YamlDocument, text: string, path: KeyPath, what: "key" | "value"): Position | null {
  let node: Node | null | undefined = document.contents;
  let offset = node?.range?.[0];
  for (const part of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(part));
      if (pair === undefined) break;
      const key = pair.key as Node | null;
      node = pair.value as Node | null;
      const last = part === path.at(-1);
      offset = (last && what === "value" ? node?.range?.[0] : undefined) ?? key?.range?.[0] ?? offset;
    } else if (isSeq(node) && typeof part === "number") {
      node = node.items[part] as Node | undefined;
      offset = node?.range?.[0] ?? offset;
    } else break;
  }
  return offset === undefined ? null : positionAt(text, offset);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
