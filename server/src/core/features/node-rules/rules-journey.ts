import type { RulesClient, RulesTrace, RulesWay } from "../../cluster/node-rules/simulation/rules-trace.ts";
import type { Address } from "../../cluster/resolution.ts";
import { type Ends, endsFrom } from "../../cluster/simulation/ends.ts";
import type { PolicedJourney } from "../../cluster/simulation/packet-steps.ts";
import { stop } from "../../cluster/simulation/stops.ts";
import type { ReachedEndpoint } from "../../cluster/simulation/trace.ts";

/** A way through the rules of a real node in the form of every trace. Ends that are no endpoint have words of their own. */
export function rulesJourney(trace: RulesTrace, way: RulesWay): PolicedJourney {
  const ends = sentEnds(trace);
  return {
    odds: way.odds,
    start: ends,
    hops: ends ? [{ node: "", steps: way.steps, translated: way.end.kind === "endpoint", ends }] : [],
    end: endOf(trace, way),
    checks: [],
    reply: undefined,
  };
}

/** What the client sends; `undefined` where the name is nobody's. */
export const sentEnds = ({ client, destination }: RulesTrace): Ends | undefined =>
  destination && endsFrom(addressOfClient(client), observed(destination.ip), destination.port);

/** The address of the client, as far as it is known. */
export const addressOfClient = ({ address, known }: RulesClient): Address => ({
  ip: address,
  origin: known === "stand-in" ? "simulated" : "observed",
});

const observed = (ip: string): Address => ({ ip, origin: "observed" });

const nowhere = stop("unknown", { kind: "no-client-address" });

function endOf({ client }: RulesTrace, { odds, end, steps }: RulesWay): PolicedJourney["end"] {
  if (end.kind !== "endpoint") return nowhere;
  const { ip, port, chain } = end;
  const reached: ReachedEndpoint = {
    kind: "endpoint",
    address: observed(ip),
    port,
    odds,
    pod: undefined,
    podName: undefined,
    node: undefined,
    container: undefined,
    listener: "by-hand",
    route: "outside",
    wire: undefined,
    chain,
    // Which other address there is, these rules do not tell.
    seen:
      end.seen.of === "client"
        ? { ...addressOfClient(client), translated: false, of: "client", node: undefined }
        : undefined,
    because: steps.findLast(({ action }) => action.kind === "dnat")?.because,
  };
  return reached;
}
