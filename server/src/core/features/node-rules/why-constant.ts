import { type Message, message } from "../../base/message.ts";
import type { Rule, TableName } from "../../cluster/iptables/rule.ts";

/** Why every node has a rule, whatever Services there are; `undefined` for a rule that is none of these. */
export function whyConstant(table: TableName, rule: Rule): Message | undefined {
  const { chain, target } = rule;
  const wanted = target.kind === "jump" ? target.chain : undefined;
  if (wanted !== undefined && builtIn.has(chain)) return jumps.get(`${table} ${wanted}`);
  switch (chain) {
    case "KUBE-MARK-MASQ":
      return message`whoever is sent here gets the node's address when the packet leaves, in KUBE-POSTROUTING`;
    case "KUBE-MARK-DROP":
      return message`the table nat may not drop: what is marked here is dropped in the table filter, in KUBE-FIREWALL`;
    case "KUBE-POSTROUTING":
      return whyPostrouting(rule);
    case "KUBE-FORWARD":
      return whyForward(rule);
    case "KUBE-FIREWALL":
      return whyGuard(rule);
    default:
      return undefined;
  }
}

const builtIn: ReadonlySet<string> = new Set(["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"]);

const jumps: ReadonlyMap<string, Message> = new Map([
  ["nat KUBE-SERVICES", message`kube-proxy looks for the addresses of Services here`],
  ["nat KUBE-POSTROUTING", message`kube-proxy gives its own address to what it has marked`],
  ["filter KUBE-SERVICES", message`what still carries a Service's address here was not translated: nobody serves it`],
  [
    "filter KUBE-EXTERNAL-SERVICES",
    message`what still carries an outside address of a Service here was not translated: nobody serves it on this node`,
  ],
  ["filter KUBE-FORWARD", message`what goes to endpoints must not be stopped by the policy of this chain`],
  ["filter KUBE-NODEPORTS", message`health checks of load balancers must come through`],
  ["filter KUBE-PROXY-FIREWALL", message`who is in none of the source ranges of a load balancer is stopped here`],
  ["filter KUBE-FIREWALL", message`drops what was marked to be dropped, and strangers who speak to localhost`],
  ["nat KUBE-PORTALS-CONTAINER", message`userspace mode: addresses of Services lead to kube-proxy itself`],
  ["nat KUBE-PORTALS-HOST", message`userspace mode: addresses of Services lead to kube-proxy itself`],
  ["nat KUBE-NODEPORT-CONTAINER", message`userspace mode: node ports lead to kube-proxy itself`],
  ["nat KUBE-NODEPORT-HOST", message`userspace mode: node ports lead to kube-proxy itself`],
]);

function whyPostrouting({ target }: Rule): Message | undefined {
  switch (target.kind) {
    case "return":
      return message`what is not marked leaves as it is`;
    case "mark":
      return message`the mark goes before the packet leaves: on a second trip, such as into a tunnel, it must not be translated again`;
    case "masquerade":
      return message`what was marked gets the node's address, so that answers come back through this node`;
    default:
      return undefined;
  }
}

function whyForward({ matches, target }: Rule): Message | undefined {
  const states = matches.flatMap((match) => (match.kind === "ctstate" ? match.states : []));
  if (target.kind === "drop" && states.includes("INVALID")) {
    return message`connection tracking does not know such packets; let through, they would reset connections through Services`;
  }
  if (matches.some(({ kind }) => kind === "mark")) return message`what kube-proxy has marked goes to an endpoint`;
  return target.kind === "accept"
    ? message`later packets, and answers, of connections that were let through`
    : undefined;
}

function whyGuard({ matches, target }: Rule): Message | undefined {
  if (target.kind !== "drop") return undefined;
  return matches.some(({ kind }) => kind === "mark")
    ? message`the table nat may not drop: what it has marked to be dropped ends here`
    : message`node ports on localhost let strangers address 127.0.0.1; this stops them`;
}
