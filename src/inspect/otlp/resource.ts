import { defaultResource, type Resource, resourceFromAttributes } from "@opentelemetry/resources";

/** The service that a span belongs to. */
export type ResourceOf = (stack: string, service: string) => Resource;

/**
 * One resource for each service, as if each sent its own spans: collectors draw their maps of services by `service.name`.
 * `common`: attributes of all.
 */
export function resources(common: Readonly<Record<string, string>>): ResourceOf {
  const known = new Map<string, Resource>();
  return (stack, service) => {
    const key = `${stack}\0${service}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const own = { ...common, "service.name": service, "service.namespace": stack };
    const resource = defaultResource().merge(resourceFromAttributes(own));
    known.set(key, resource);
    return resource;
  };
}
