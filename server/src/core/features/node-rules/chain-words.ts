import { type Message, message } from "../../base/message.ts";
import { type HashedChain, readChainName } from "../../cluster/iptables/chain-names.ts";
import { chainOwner } from "../../cluster/iptables/chain-owner.ts";
import type { TableName } from "../../cluster/iptables/rule.ts";

/** What a chain is for; `undefined` for one that nobody is known by. */
export function describeChainRole(table: TableName, chain: string): Message | undefined {
  const hashed = readChainName(chain);
  if (hashed !== undefined) return hashedRoles[hashed.kind];
  const role = roles.get(`${table} ${chain}`) ?? roles.get(chain);
  if (role !== undefined) return role;
  const owner = chainOwner(chain);
  return owner && message`a chain of ${owner}`;
}

const hashedRoles = {
  SVC: message`chooses an endpoint of a Service port, among all in the cluster`,
  SVL: message`chooses an endpoint of a Service port, among those on this node`,
  EXT: message`takes what comes to a Service port from outside: node port, load balancer, external IP`,
  FW: message`lets only the source ranges of a load balancer on; up to 1.23 every load balancer has one`,
  XLB: message`up to 1.23, takes what comes from outside under the external policy Local`,
  SEP: message`one endpoint of a Service port`,
} as const satisfies Record<HashedChain["kind"], Message>;

/** By name, and where tables differ by table and name. */
const roles: ReadonlyMap<string, Message> = new Map([
  ["PREROUTING", message`what arrives at the node, before it is decided where it goes`],
  ["INPUT", message`what is for the node itself`],
  ["FORWARD", message`what passes through the node, such as packets from and to pods`],
  ["OUTPUT", message`what processes of the node send`],
  ["POSTROUTING", message`what is about to leave the node`],
  ["nat KUBE-SERVICES", message`the table of contents: the addresses of all Services, and last the node ports`],
  ["filter KUBE-SERVICES", message`cluster IPs without endpoints are refused here`],
  [
    "filter KUBE-EXTERNAL-SERVICES",
    message`outside addresses of Services without endpoints are refused or dropped here`,
  ],
  ["nat KUBE-NODEPORTS", message`the node ports of all Services`],
  ["filter KUBE-NODEPORTS", message`the health checks of load balancers are let in here`],
  ["KUBE-MARK-MASQ", message`marks what is to leave with the node's address`],
  ["KUBE-MARK-DROP", message`marks what the table filter is to drop; the kubelet's, up to 1.26`],
  ["KUBE-POSTROUTING", message`gives the node's address to what is marked`],
  ["filter KUBE-FORWARD", message`lets pass what goes to endpoints, and what comes back`],
  ["filter KUBE-FIREWALL", message`drops what is marked for it, and strangers who speak to localhost`],
  ["filter KUBE-PROXY-FIREWALL", message`drops who is in none of the source ranges of a load balancer`],
  [
    "KUBE-PROXY-CANARY",
    message`empty: if it is gone, somebody has flushed the rules, and kube-proxy writes them again`,
  ],
  [
    "KUBE-KUBELET-CANARY",
    message`empty: if it is gone, somebody has flushed the rules, and the kubelet writes its own again`,
  ],
  ["KUBE-IPTABLES-HINT", message`empty: tells programs in containers which iptables the node uses`],
  ["KUBE-PORTALS-CONTAINER", message`userspace mode: addresses of Services lead to kube-proxy itself`],
  ["KUBE-PORTALS-HOST", message`userspace mode: addresses of Services lead to kube-proxy itself`],
  ["KUBE-NODEPORT-CONTAINER", message`userspace mode: node ports lead to kube-proxy itself`],
  ["KUBE-NODEPORT-HOST", message`userspace mode: node ports lead to kube-proxy itself`],
  [
    "nat KUBE-LOAD-BALANCER",
    message`IPVS mode: addresses of load balancers; IPVS chooses the endpoint, not these rules`,
  ],
  ["nat KUBE-NODE-PORT", message`IPVS mode: node ports; IPVS chooses the endpoint, not these rules`],
  ["nat KUBE-FIREWALL", message`IPVS mode: who is in none of the source ranges of a load balancer`],
  ["filter KUBE-NODE-PORT", message`IPVS mode: health checks of load balancers are let in here`],
  ["filter KUBE-SOURCE-RANGES-FIREWALL", message`IPVS mode: who is in none of the source ranges of a load balancer`],
  ["filter KUBE-IPVS-FILTER", message`IPVS mode: ports of the node must not answer on addresses of Services`],
  ["filter KUBE-IPVS-OUT-FILTER", message`IPVS mode: source ranges keep the node itself out, too`],
]);
