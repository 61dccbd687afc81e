import { Document, isMap, isScalar, isSeq, type Pair, type Scalar } from "yaml";
import type { Draft } from "./draft.ts";
import type { DraftService } from "./draft-service.ts";

const SCHEMA = " yaml-language-server: $schema=./node_modules/cove/dist/schema.json";

/** cove.yaml, with a comment at each guess. `hasSchema`: the package is installed here, so that editors find its schema. */
export function yamlOf({ services, names }: Pick<Draft, "services" | "names">, hasSchema: boolean): string {
  const document = new Document({
    ...(names !== null && { names: true }),
    services: Object.fromEntries(services.map((one) => [one.name, plainOf(one)])),
  });
  document.commentBefore = `${hasSchema ? `${SCHEMA}\n` : ""} Written by cove init. Lines with "guessed" deserve a look.`;
  const first = document.get("names", true);
  if (isScalar(first)) first.comment = ` as in ${names}: db:5432, http://api:3000`;
  for (const { name, kind, notes } of services) {
    for (const [option, note] of notes) {
      const node = document.getIn(["services", name, option === "" ? kind : option], true);
      const owner = document.getIn(["services", name], true);
      if (isScalar(node)) node.comment = ` ${note}`;
      else if (isMap(owner)) {
        const pair = owner.items.find(({ key }) => (key as Scalar).value === (option === "" ? kind : option)) as
          | Pair<Scalar>
          | undefined;
        if (pair !== undefined) pair.key.commentBefore = ` ${note}`;
      }
    }
  }
  for (const list of ["needs", "init", "expects"]) {
    for (const { name } of services) {
      const node = document.getIn(["services", name, list], true);
      if (isSeq(node)) node.flow = true;
    }
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function plainOf({ kind, command, options }: DraftService): Readonly<Record<string, unknown>> {
  const { address, ...own } = options;
  if (kind === "postgres") return { postgres: own, ...(address !== undefined && { address }) };
  return { command, ...options };
}
