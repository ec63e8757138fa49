import type { Client } from "./client.ts";
import { answering, type Passing, passing } from "./ends.ts";
import { endsBehind } from "./passings.ts";
import { reachedEndpoint } from "./trace.ts";
import type { Hop, Journey } from "./travel.ts";

/** How the answer of an endpoint comes back to the client. */
export interface Reply {
  /** The nodes that put back what they changed on the way there, in the order in which the answer passes them. */
  readonly undoneBy: readonly string[];
  /** Whether a load balancer hands it on behind them, which has connections of its own. */
  readonly balanced: boolean;
  /** What remembers the connection there: the kernel's tables, those of IPVS, or kube-proxy itself. */
  readonly memory: "conntrack" | "ipvs" | "kube-proxy";
  /**
   * What it takes for the answer to pass there: nothing, as there is no other way · `bridge-calls`: the bridge that both
   * pods hang on shows its packets to the rules · `masquerade`: the network plugin put the address of the client's node
   * in the place of the client's before.
   */
  readonly needs: "nothing" | "bridge-calls" | "masquerade";
  readonly packets: readonly Passing[];
}

/** The way back of a journey that arrived. What the client sees is what it called; conntrack sees to that. */
export function replyTo(client: Client, journey: Journey): Reply {
  const { hops, start } = journey;
  const endpoint = reachedEndpoint(journey.end);
  const changing = hops.filter((hop) => changes(hop));
  const arrived = hops.length > 0 ? endsBehind(journey, hops.length - 1) : start;
  const isHere = (node: string): boolean =>
    node === endpoint?.node || (client.kind !== "external" && node === client.node);
  const bypassed = changing.find((hop) => !masquerades(hop) && !isHere(hop.node));
  const bridged =
    endpoint?.route === "same-node" &&
    client.kind === "pod" &&
    !client.onHost &&
    client.node === endpoint.node &&
    changing.some((hop) => !masquerades(hop));
  return {
    undoneBy: changing.map(({ node }) => node).reverse(),
    balanced: hops.some(({ balanced }) => balanced !== undefined),
    memory: memoryOf(changing),
    needs: bypassed ? "masquerade" : bridged ? "bridge-calls" : "nothing",
    packets: arrived && start ? [passing(answering(arrived), answering(start))] : [],
  };
}

const changes = (hop: Hop): boolean => hop.translated || masquerades(hop);

/** Whether what answers sends to the node. In userspace mode it talks with kube-proxy alone. */
const masquerades = ({ steps }: Hop): boolean =>
  steps.some(({ tool, action }) => action.kind === "masquerade" || tool === "userspace");

function memoryOf(hops: readonly Hop[]): Reply["memory"] {
  const steps = hops.flatMap((hop) => hop.steps);
  if (steps.some(({ tool }) => tool === "userspace")) return "kube-proxy";
  return steps.some(({ tool, action }) => tool === "ipvs" && action.kind === "dnat") ? "ipvs" : "conntrack";
}
