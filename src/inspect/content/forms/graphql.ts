import type { GraphqlView } from "./body-view.ts";
import type { Content, ContentForm } from "./form.ts";
import { layoutGraphql, operationOf } from "./graphql-text.ts";
import { isJson, layoutJson } from "./json.ts";

/** A GraphQL request: JSON with a query in it, or the query itself (the GraphQL over HTTP draft §5). */
export const graphql: ContentForm = {
  fits: ({ media: { type } }) => isJson(type) || type === "application/graphql",
  view: (content) => {
    const { media, text, redactor } = content;
    const said = text();
    if (said === null) return null;
    if (media.type === "application/graphql") {
      const raw = redactor.text(said, false);
      return { form: "graphql", raw, ...shown([viewOf(raw, null, null)]) };
    }
    const requests = requestsIn(content, said);
    if (requests === null) return null;
    // Hidden in the JSON as a whole first: each value is counted once.
    const raw = redactor.json(said);
    const hidden = raw === said ? requests : requestsIn(content, raw);
    if (hidden === null) return null;
    return { form: "graphql", raw, ...shown(hidden.map((one) => viewOf(one.query, one.operation, one.variables))) };
  },
};

interface Request {
  readonly query: string;
  readonly operation: string | null;
  readonly variables: string | null;
}

const QUERY = /^\s*(?:#[^\n]*\n\s*)*(?:\{|(?:query|mutation|subscription|fragment)\b)/;

/** The requests of a body: one, or a list of them; null where it is other JSON. */
function requestsIn({ whole }: Content, text: string): Request[] | null {
  if (!whole || !text.includes('"query"')) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const requests: Request[] = [];
  for (const one of Array.isArray(value) ? value : [value]) {
    if (typeof one !== "object" || one === null) return null;
    const { query, operationName, variables } = one as Record<string, unknown>;
    if (typeof query !== "string" || !QUERY.test(query)) return null;
    requests.push({
      query,
      operation: typeof operationName === "string" ? operationName : null,
      variables: typeof variables === "object" && variables !== null ? JSON.stringify(variables) : null,
    });
  }
  return requests.length === 0 ? null : requests;
}

function viewOf(query: string, named: string | null, variables: string | null): GraphqlView {
  const { kind, name } = operationOf(query, named);
  return {
    ...{ operation: named ?? name, kind, query: layoutGraphql(query) },
    variables: variables === null || variables === "{}" ? null : layoutJson(variables),
  };
}

/** The first request in its fields; all of them as text. */
function shown(views: readonly GraphqlView[]): { graphql: GraphqlView | null; text: string } {
  const texts = views.map(({ query, variables }) => (variables === null ? query : `${query}\n\n${variables}`));
  return { graphql: views[0] ?? null, text: texts.join("\n\n") };
}
