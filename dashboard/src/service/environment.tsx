import { useEffect, useId, useState } from "react";
import { type Fault, isFault } from "../../../src/fault/fault.ts";
import type { EnvView, ServiceView } from "../../../src/home/view/view.ts";
import { api } from "../home/api.ts";
import { useHome } from "../home/home.ts";
import { CopyButton } from "../parts/copy-button.tsx";
import { Icon } from "../parts/icon.tsx";
import { SearchCount, SearchField } from "../parts/search-field.tsx";
import { toast } from "../parts/toasts.tsx";
import { useCell } from "../state/cell.ts";
import "./environment.css";

interface EnvironmentProps {
  readonly stack: string;
  readonly service: ServiceView;
}

/** More than this asks for a filter. */
const MANY = 12;

/** What the service was handed. Secrets stay hidden until each is asked for. */
export function Environment({ stack, service: { name, pid } }: EnvironmentProps) {
  const home = useHome();
  const stream = useCell(home.stream);
  const [env, setEnv] = useState<readonly EnvView[] | Fault | null>(null);
  const [query, setQuery] = useState("");
  const heading = useId();

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new process may have a new environment
  useEffect(() => {
    let left = false;
    void api.env(stack, name).then((answer) => !left && setEnv(answer));
    return () => {
      left = true;
    };
  }, [home, stack, name, pid, stream]);

  const all = env === null || isFault(env) ? [] : env;
  const words = query.toLowerCase();
  const shown = all.filter((one) => one.name.toLowerCase().includes(words) || one.value.toLowerCase().includes(words));
  return (
    <section className="environment" aria-labelledby={heading}>
      <header>
        <h2 id={heading}>Environment</h2>
        {all.length > MANY && (
          <SearchField
            label="Filter the environment"
            placeholder={`Filter ${all.length}`}
            value={query}
            onValue={setQuery}
            hotkey={false}
            found={<SearchCount>{shown.length}</SearchCount>}
          />
        )}
      </header>
      {isFault(env) && <p className="soft">{env.message}</p>}
      {env !== null && all.length === 0 && !isFault(env) && <p className="soft">Available after the first start.</p>}
      <table>
        <thead className="unseen">
          <tr>
            <th scope="col">Variable</th>
            <th scope="col">Value</th>
            <th scope="col">Actions</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((one) => (
            <Variable key={`${one.name} ${one.value}`} stack={stack} service={name} variable={one} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface VariableProps {
  readonly stack: string;
  readonly service: string;
  readonly variable: EnvView;
}

function Variable({ stack, service, variable: { name, value, secret } }: VariableProps) {
  const [revealed, setRevealed] = useState<string | null>(null);
  const toggle = async () => {
    if (revealed !== null) return setRevealed(null);
    const answer = await api.variable(stack, service, name);
    if (isFault(answer)) toast(answer);
    else setRevealed(answer);
  };
  return (
    <tr data-secret={secret || undefined}>
      <th scope="row">{name}</th>
      <td>{revealed ?? value}</td>
      <td className="variable-actions">
        {secret && (
          <button
            type="button"
            className="button bare"
            aria-label={`${revealed === null ? "Reveal" : "Hide"} ${name}`}
            title={revealed === null ? "Reveal" : "Hide"}
            onClick={toggle}
          >
            <Icon name={revealed === null ? "eye" : "eye-off"} />
          </button>
        )}
        <CopyButton text={secret ? () => api.variable(stack, service, name) : value} label={`Copy ${name}`} />
      </td>
    </tr>
  );
}
