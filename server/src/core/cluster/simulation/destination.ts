import { familyOf } from "../../base/ip.ts";
import type { SourceRange } from "../../base/source.ts";
import { type NameResolution, resolveName } from "../dns.ts";
import { answer, type DnsAnswer } from "../dns-answer.ts";
import type { DnsRecord } from "../dns-records.ts";
import type { Address } from "../resolution.ts";
import type { ServedService } from "../served.ts";
import type { Client } from "./client.ts";
import { type ClusterItself, findClusterItself } from "./cluster-itself.ts";
import type { Note } from "./note.ts";
import type { SimulatedRequest } from "./request.ts";
import type { Stop } from "./stop-reason.ts";
import { stop, stopAtName } from "./stops.ts";
import type { Step, TracedPort } from "./trace.ts";
import { addressOf, ownerOf, type World } from "./world.ts";

/** What the name and port of a request come to. */
export interface Destination {
  readonly steps: readonly Step[];
  /** The client takes one of them, each with the same chance; there are none where there is a stop. */
  readonly targets: readonly Target[];
  readonly port: TracedPort | undefined;
  readonly stop: Stop | undefined;
  readonly notes: readonly Note[];
}

/** An address and port to connect to. */
export interface Target {
  readonly address: Address;
  readonly port: number;
  /** The Service whose name or address it is. */
  readonly via: ServedService | undefined;
}

/** Looks a destination's name up as the client would, and settles on a port. */
export function resolveDestination(world: World, client: Client, request: SimulatedRequest): Destination {
  const { host } = request.destination;
  const resolution = resolveName(world.profile, world.lookup, client.dns, host);
  const { outcome } = resolution;
  if (outcome.kind === "literal" || outcome.kind === "loopback") {
    const ip = outcome.kind === "literal" ? outcome.ip : loopbackOf(client);
    const owner = ownerOf(world, ip);
    const via = owner.kind === "service" ? owner.served : undefined;
    const step: Step = { at: "dns", kind: outcome.kind, ip, because: undefined };
    return lead(request, [step], [{ address: addressOf(world, ip) }], via);
  }
  const lookup = lookupSteps(resolution);
  const itself = findClusterItself(world.profile, resolution);
  if (itself !== undefined) return leadToClusterItself(request, resolution, itself);
  if (outcome.kind === "records") return leadToRecords(world, client, request, lookup, outcome);
  const node = world.profile.nodes.find(({ name }) => name.toLowerCase() === host.toLowerCase().replace(/\.$/, ""));
  if (node !== undefined) {
    const address: Address = { ip: node.address, origin: node.origin };
    const step: Step = { at: "dns", kind: "node", name: node.name, address, because: undefined };
    return lead(request, [step], [{ address }], undefined);
  }
  return { steps: lookup, targets: [], port: undefined, stop: stopAtName(world, resolution, outcome), notes: [] };
}

function leadToClusterItself(
  request: SimulatedRequest,
  resolution: NameResolution,
  { what, address, port, attempts }: ClusterItself,
): Destination {
  const steps = lookupSteps({ ...resolution, attempts });
  if (address !== undefined) return lead(request, steps, [{ address }], undefined, port);
  return { steps, targets: [], port: undefined, stop: stop("unknown", { kind: "cluster-itself", what }), notes: [] };
}

const loopbackOf = ({ addresses: [first] }: Client): string =>
  first !== undefined && familyOf(first.ip) === "IPv6" ? "::1" : "127.0.0.1";

/** Where questions go, and every one that was asked. */
function lookupSteps({ path, attempts }: NameResolution): readonly Step[] {
  return [
    { at: "dns", kind: "search-path", path, because: undefined },
    ...attempts.map(
      ({ query, answer: given }): Step => ({
        at: "dns",
        kind: "attempt",
        query,
        answer: given,
        because: rangeOfAnswer(given),
      }),
    ),
  ];
}

function rangeOfAnswer(given: DnsAnswer): SourceRange | undefined {
  if (given.kind === "records" || given.kind === "elsewhere") return given.records.at(-1)?.because;
  return "service" in given.because ? given.because.service.service.name.range : undefined;
}

/** An address that a name led to, and the port that a SRV record names. */
interface Place {
  readonly address: Address;
  readonly port?: number;
}

function leadToRecords(
  world: World,
  client: Client,
  request: SimulatedRequest,
  steps: readonly Step[],
  { records, service, guaranteed }: Extract<DnsAnswer, { kind: "records" }>,
): Destination {
  const via = service && world.served(service.service);
  const places = records.flatMap((record) => placesOf(world, record));
  const families = places.map(({ address }) => familyOf(address.ip));
  const family = client.addresses.map(({ ip }) => familyOf(ip)).find((mine) => families.includes(mine)) ?? families[0];
  const others = places.filter(({ address }) => familyOf(address.ip) !== family).map(({ address }) => address);
  const notes: readonly Note[] = [
    ...(guaranteed ? [] : [{ kind: "not-guaranteed", name: records.at(-1)?.name ?? "" } as const]),
    ...(others.length > 0 ? [{ kind: "other-family", addresses: others } as const] : []),
  ];
  const chosen = places.filter(({ address }) => familyOf(address.ip) === family);
  return { ...lead(request, steps, chosen, via), notes };
}

function placesOf(world: World, record: DnsRecord): readonly Place[] {
  if (record.type === "A" || record.type === "AAAA") return [{ address: { ip: record.ip, origin: record.origin } }];
  if (record.type !== "SRV") return [];
  const given = answer(world.profile, world.lookup, record.target, "address");
  if (given.kind !== "records") return [];
  return given.records
    .flatMap((found) => placesOf(world, found))
    .map(({ address }) => ({ address, port: record.port }));
}

/** @param only the port of a Service that no manifest shows */
function lead(
  request: SimulatedRequest,
  steps: readonly Step[],
  places: readonly Place[],
  via: ServedService | undefined,
  only?: number,
): Destination {
  const port = portOf(request, places[0]?.port, via, only);
  const isGiven = port.from === "written" || port.from === "scheme";
  const targets = places.map((place) => ({
    address: place.address,
    port: isGiven ? port.number : (place.port ?? port.number),
    via,
  }));
  const chosen: Step = { at: "dns", kind: "port", port, because: undefined };
  return { steps: port.from === "written" ? steps : [...steps, chosen], targets, port, stop: undefined, notes: [] };
}

/** What was typed; else what the scheme, the name or the Service suggests; else what a browser would take. */
function portOf(
  { destination, protocol }: SimulatedRequest,
  fromRecord: number | undefined,
  via: ServedService | undefined,
  only: number | undefined,
): TracedPort {
  if (destination.port !== undefined) return { number: destination.port, from: "written" };
  if (destination.schemePort !== undefined) return { number: destination.schemePort, from: "scheme" };
  if (fromRecord !== undefined) return { number: fromRecord, from: "srv" };
  if (only !== undefined) return { number: only, from: "service" };
  const fitting = (via?.ports ?? []).filter(
    ({ resolution }) => resolution.port.protocol.value.toLowerCase() === protocol,
  );
  const [first, ...others] = fitting;
  if (via === undefined || first === undefined || others.length > 0) return { number: 80, from: "assumed" };
  const { port } = first.resolution;
  // Nothing translates the port of a headless Service: its clients use that of the pods.
  const own = first.endpoints[0]?.port ?? port.port.value;
  return { number: via.service.headless === undefined ? port.port.value : own, from: "service" };
}
