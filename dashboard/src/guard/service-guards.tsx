import type { GuardView } from "../../../src/home/view/view.ts";
import { Icon, kindIcon } from "../parts/icon.tsx";
import { Link } from "../routing/link.tsx";
import { servicePath } from "../routing/route.ts";
import { BIND_WORDS } from "./verdict.ts";
import "./service-guards.css";

type Guarded = GuardView["services"][number];

/** Where each service listens, and who may connect. */
export function ServiceGuards({ services }: Pick<GuardView, "services">) {
  if (services.length === 0) return <p className="nothing soft">No service is running.</p>;
  const stacks = [...new Set(services.map(({ stack }) => stack))];
  return stacks.map((stack) => {
    const own = services.filter((one) => one.stack === stack);
    return (
      <div key={stack} className="guarded-stack">
        <h3>{own[0]?.stackName}</h3>
        <ul>
          {own.map((service) => (
            <GuardedItem key={service.service} guarded={service} />
          ))}
        </ul>
      </div>
    );
  });
}

function GuardedItem({ guarded }: { readonly guarded: Guarded }) {
  const { stack, service, kind, bind, exposed, origins, users, programs } = guarded;
  return (
    <li className="guarded" data-exposed={exposed !== null || undefined}>
      <p className="guarded-head">
        <Icon name={kindIcon(kind)} />
        <Link href={servicePath(stack, service)}>{service}</Link>
        <span className="guarded-bind">
          {bind !== null && bind !== "own" && <code>{bind}</code>}
          {bind === null ? "not started by Cove" : BIND_WORDS[bind]}
        </span>
      </p>
      {exposed !== null && (
        <div className="cause">
          <p className="cause-message">{exposed.message}</p>
          {exposed.hint !== null && <p className="cause-hint">{exposed.hint}</p>}
        </div>
      )}
      <Allowed word="pages" values={origins} />
      <Allowed word="users" values={users} />
      {programs !== null && <Allowed word="only programs" values={programs} />}
    </li>
  );
}

function Allowed({ word, values }: { readonly word: string; readonly values: readonly string[] }) {
  if (values.length === 0) return null;
  return (
    <p className="guarded-allowed">
      {word}{" "}
      {values.map((value) => (
        <code key={value}>{value}</code>
      ))}
    </p>
  );
}
