import type { ServicePort } from "../kube-proxy/proxy-input.ts";
import type { IpSet } from "../netfilter/ip-set.ts";
import type { IpvsState } from "./ipvs-state.ts";

/** The same node, with a view to some service ports only; the rules are the same for all. */
export function restrictIpvs(state: IpvsState, keeps: (port: ServicePort) => boolean): IpvsState {
  const restrictSet = (set: IpSet): IpSet => ({
    ...set,
    entries: set.entries.filter(({ cause }) => keeps(cause.port)),
  });
  return {
    ...state,
    addresses: state.addresses.filter(({ port }) => keeps(port)),
    virtualServers: state.virtualServers.filter(({ port }) => keeps(port)),
    sets: new Map([...state.sets].map(([name, set]) => [name, restrictSet(set)])),
  };
}
