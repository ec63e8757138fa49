import { findNearest } from "../../base/text.ts";
import type { ServiceManifest } from "../../manifest/model.ts";
import { containerEnvironment } from "../container-environment.ts";
import { type ServiceVariable, variablePrefix } from "../env.ts";
import type { Client } from "./client.ts";
import { fillIn } from "./parse-request.ts";
import {
  type RequestDestination,
  type RequestError,
  requestTo,
  type SimulatedRequest,
  type TypedRequest,
  type VariableDestination,
} from "./request.ts";
import type { MissingVariable, Stop } from "./stop-reason.ts";
import { stop } from "./stops.ts";
import type { Step } from "./trace.ts";
import type { World } from "./world.ts";

/** A request with its variables filled in, or where they have no value that is known. */
export interface FilledRequest {
  readonly request: SimulatedRequest;
  readonly steps: readonly Step[];
  readonly stop: Stop | undefined;
}

/**
 * Fills in the variables of a destination as a shell in the client's container would.
 * @returns an error where they make no destination
 */
export function fillRequest(world: World, client: Client, typed: TypedRequest): FilledRequest | RequestError {
  const { destination } = typed;
  if (!("variables" in destination)) return { request: requestTo(typed, destination), steps: [], stop: undefined };
  const environment = environmentOf(world, client);
  const names = [...new Set(destination.variables)];
  const found = names.map((name) => environment.find((variable) => variable.name === name));
  const unknown = names.flatMap((name, index) => missing(world, client, name, found[index], environment) ?? [])[0];
  const known = found.flatMap((variable): Step[] =>
    variable === undefined || variable.shadowedBy
      ? []
      : [{ at: "environment", kind: "variable", variable, because: variable.because }],
  );
  const steps: readonly Step[] = [
    ...known,
    ...(known.length > 0 ? [{ at: "environment", kind: "order", because: undefined } as const] : []),
  ];
  if (unknown) return { request: requestTo(typed, unfilled(destination)), steps, stop: unknown };
  const values = new Map(environment.map(({ name, value }) => [name, value]));
  const filled = fillIn(destination, (name) => values.get(name) ?? "");
  return "error" in filled ? filled : { request: requestTo(typed, filled), steps, stop: undefined };
}

/** What the first container has that does not run to its end before the others. */
function environmentOf({ view }: World, { pod }: Client): readonly ServiceVariable[] {
  const template = pod?.workload.template;
  const container = template?.containers.find(({ role }) => role !== "init");
  if (pod === undefined || template === undefined) return [];
  return containerEnvironment(view, pod.key.namespace, template, container ?? { env: [] });
}

const unfilled = ({ text }: VariableDestination): RequestDestination => ({
  host: text,
  port: undefined,
  schemePort: undefined,
  scheme: undefined,
  protocol: undefined,
  typed: text,
});

/** Why a variable has no value; `undefined` where it has one. */
function missing(
  world: World,
  client: Client,
  name: string,
  variable: ServiceVariable | undefined,
  environment: readonly ServiceVariable[],
): Stop | undefined {
  const reason = (why: MissingVariable, because = why.kind === "own" ? why.field.range : undefined): Stop =>
    stop(isOpen(why, name) ? "unknown" : "no-such-name", { kind: "no-such-variable", name, why }, because);
  if (client.pod === undefined) return reason({ kind: "no-container" });
  if (variable?.shadowedBy) return reason({ kind: "own", field: variable.shadowedBy });
  if (variable?.contested) return reason({ kind: "contested" });
  if (variable) return undefined;
  const own = client.pod.workload.template.containers.flatMap(({ env }) => env).find(({ value }) => value === name);
  if (own) return reason({ kind: "own", field: own });
  const service = serviceMeant(world, client.namespace, name);
  if (service === undefined) {
    const similar = findNearest(
      name,
      environment.map((one) => one.name),
    );
    return reason({ kind: "nobody", similar });
  }
  return reason(reasonAt(service, client, name, environment), service.name.range);
}

/** Whether something else than a Service may well set it. */
const isOpen = (why: MissingVariable, name: string): boolean =>
  why.kind === "own" || why.kind === "contested" || (why.kind === "nobody" && !OF_A_SERVICE.test(name));

const OF_A_SERVICE = /_SERVICE_(HOST|PORT(_\w+)?)$|_PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?$/;

function reasonAt(
  service: ServiceManifest,
  { namespace, pod }: Client,
  name: string,
  environment: readonly ServiceVariable[],
): MissingVariable {
  if (service.serviceType.value === "ExternalName") return { kind: "external-name", service };
  if (service.headless !== undefined) return { kind: "headless", service };
  if (service.namespace.value !== namespace) return { kind: "other-namespace", service, namespace };
  if (pod?.workload.template.enableServiceLinks === false) return { kind: "no-links", service };
  const others = environment.filter((one) => one.service === service).map((one) => one.name);
  return { kind: "other-port", service, similar: findNearest(name, others) ?? others[0] };
}

/** The Service whose variable a name would be: one of the client's namespace before others, a long name before a short one. */
function serviceMeant({ view }: World, namespace: string, name: string): ServiceManifest | undefined {
  const isHome = (service: ServiceManifest): number => Number(service.namespace.value === namespace);
  const length = ({ name: own }: ServiceManifest): number => own.value.length;
  return view.services
    .filter((service) => {
      const prefix = `${variablePrefix(service.name.value)}_`;
      return name.startsWith(prefix) && OF_A_SERVICE.test(name.slice(prefix.length - 1));
    })
    .sort((a, b) => length(b) - length(a) || isHome(b) - isHome(a))[0];
}
