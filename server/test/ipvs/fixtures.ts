import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { printRestore } from "../../src/core/cluster/iptables/print-restore.ts";
import type { IpvsState } from "../../src/core/cluster/ipvs/ipvs-state.ts";
import { printInterface } from "../../src/core/cluster/ipvs/print-interface.ts";
import { printSetsSaved } from "../../src/core/cluster/ipvs/print-ipset.ts";
import { printIpvsadm } from "../../src/core/cluster/ipvs/print-ipvsadm.ts";
import type { ProxyInput } from "../../src/core/cluster/kube-proxy/proxy-input.ts";
import { joinLines, type PrintedLine } from "../../src/core/cluster/netfilter/printed-line.ts";
import { type InputSketch, proxyInput } from "../iptables/inputs.ts";

/** What kube-proxy reads, and all that it sets up for it, in the words of four tools. */
export interface IpvsFixture {
  readonly name: string;
  readonly input: ProxyInput;
  readonly expected: string;
}

/** The fixtures of IPVS mode. Where one has no input of its own, that of iptables mode with the same name is meant. */
export function readIpvsFixtures(): readonly IpvsFixture[] {
  return readdirSync(base)
    .filter((file) => file.endsWith(".txt"))
    .sort()
    .map((file) => {
      const name = file.slice(0, -".txt".length);
      const own = new URL(`${name}.json`, base);
      const text = readFileSync(existsSync(own) ? own : new URL(`../iptables/current/${name}.json`, base), "utf8");
      const input = proxyInput(JSON.parse(text) as InputSketch);
      return { name, input, expected: readFileSync(new URL(file, base), "utf8") };
    });
}

/** Puts a new text in the place of a fixture's. */
export const updateFixture = (name: string, text: string): void => writeFileSync(new URL(`${name}.txt`, base), text);

/** All that is set up, under the commands that show it. Sets that hold nothing are left out. */
export function describeState(state: IpvsState): string {
  const [ip, family] = state.family === "IPv4" ? ["-4", "ip"] : ["-6", "ip6"];
  const section = (command: string, lines: readonly PrintedLine[]): string => `# ${command}\n${joinLines(lines)}`;
  return [
    section("ipvsadm -Ln", printIpvsadm(state)),
    section("ipset -sorted save", printSetsSaved([...state.sets.values()].filter(({ entries }) => entries.length > 0))),
    section(`ip ${ip} addr show kube-ipvs0`, printInterface(state)),
    section(`${family}tables-restore --noflush`, printRestore(state.rules)),
  ].join("\n");
}

const base = new URL("../../../../test-fixtures/ipvs/", import.meta.url);
