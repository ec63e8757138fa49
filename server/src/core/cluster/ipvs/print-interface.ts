import { type PrintedLine, textLine } from "../netfilter/printed-line.ts";
import { DUMMY_INTERFACE, type IpvsState } from "./ipvs-state.ts";

/**
 * What `ip -4 addr show kube-ipvs0` prints, or `ip -6`: the addresses of Services that the node calls its own. The
 * number of the interface depends on what else the node has, and is left out.
 */
export function printInterface({ family, addresses }: Pick<IpvsState, "family" | "addresses">): readonly PrintedLine[] {
  const [option, length, scope] =
    family === "IPv4" ? (["inet", 32, `global ${DUMMY_INTERFACE}`] as const) : (["inet6", 128, "global "] as const);
  return [
    textLine(`${DUMMY_INTERFACE}: <BROADCAST,NOARP> mtu 1500 qdisc noop state DOWN group default `),
    ...addresses.flatMap(({ ip, port }) => [
      textLine(`    ${option} ${ip}/${length} scope ${scope}`, port.because),
      textLine("       valid_lft forever preferred_lft forever"),
    ]),
  ];
}
