import { type Ends, endsFrom, type Passing, passing } from "./ends.ts";
import { reachedEndpoint } from "./trace.ts";
import type { Journey } from "./travel.ts";

/**
 * What the packet of a journey carries at each rule of one of its nodes; `undefined` behind a rule that puts an address
 * there which is not known.
 */
export function passingsAt(journey: Journey, index: number): readonly (Passing | undefined)[] {
  const hop = journey.hops[index];
  if (hop === undefined) return [];
  const left = endsBehind(journey, index);
  let ends: Ends | undefined = hop.ends;
  return hop.steps.map((step) => {
    const before: Ends | undefined = ends;
    switch (step.action.kind) {
      case "dnat": {
        const { ip, port } = step.action;
        // In userspace mode kube-proxy opens a connection of its own, which no rule changes any more.
        if (step.tool === "userspace") {
          ends = left;
          return left && passing(left);
        }
        const known = left?.destination.address;
        const address = known?.ip === ip ? known : ({ ip, origin: "written" } as const);
        ends = before && endsFrom(before.source.address, address, port);
        break;
      }
      case "masquerade":
        ends = before && left && { ...before, source: left.source };
        break;
      case "to-proxy":
        ends = undefined;
        return before && passing(before);
      default:
        break;
    }
    return before && ends && passing(before, ends);
  });
}

/** What a packet carries behind a node; `undefined` where that is not known, and where it ends there. */
export function endsBehind({ hops, end }: Journey, index: number): Ends | undefined {
  const next = hops[index + 1];
  if (next) return next.balanced?.came ?? next.ends;
  const endpoint = reachedEndpoint(end);
  return endpoint?.seen && endsFrom(endpoint.seen, endpoint.address, endpoint.port);
}
