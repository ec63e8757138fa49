import { type Message, message, quote } from "../../base/message.ts";
import { readChainName } from "../../cluster/iptables/chain-names.ts";
import type { NodeRules } from "../../cluster/node-rules/node-rules.ts";
import type { WorkspacePort, WorkspacePorts } from "../../cluster/node-rules/workspace-ports.ts";
import type { LinkedWords } from "../markdown.ts";
import { portText } from "../naming.ts";

/** The service port that a chain stands for, with the Service of the workspace where there is one. Empty for others. */
export function describePort(
  rules: NodeRules,
  ports: WorkspacePorts,
  chain: string,
): readonly (Message | LinkedWords)[] {
  const name = readChainName(chain);
  if (name === undefined) return [];
  const found = rules.portOf(chain);
  const known = workspacePortOf(rules, ports, chain);
  if (known !== undefined) return [describeKnown(known)];
  if (found === undefined) {
    return [
      message`which Service it is for is not told: no rule has a comment, and no Service of the workspace has this chain`,
    ];
  }
  const { text } = found.name;
  if (!found.confirmed) return [message`comments say ${quote(text)}; the name of the chain does not tell`];
  const port = message`Service port ${quote(text)} over ${found.protocol ?? ""}`;
  return [ports.hasServices ? message`${port}, which no manifest of the workspace has` : port];
}

/** The port of the workspace behind a chain; an endpoint's by the chain that chooses it. */
export function workspacePortOf(rules: NodeRules, ports: WorkspacePorts, chain: string): WorkspacePort | undefined {
  const name = readChainName(chain);
  if (name === undefined) return undefined;
  if (name.kind !== "SEP") return ports.byHash(name.hash);
  for (const rule of rules.referrersOf("nat", chain)) {
    const caller = readChainName(rule.chain);
    if (caller !== undefined && caller.kind !== "SEP") return ports.byHash(caller.hash);
  }
  return undefined;
}

const describeKnown = ({ service, port }: WorkspacePort): LinkedWords => ({
  said: message`port ${portText(port)} of Service ${quote(`${service.namespace.value}/${service.name.value}`)}`,
  source: port.range,
});
