/** The software that a chain belongs to, as its name tells. */
export type ChainOwner =
  | "kube-proxy"
  | "kubelet"
  | "kube-router"
  | "Calico"
  | "Cilium"
  | "Docker"
  | "Flannel"
  | "Istio"
  | "Weave Net"
  | "Antrea"
  | "the AWS VPC CNI"
  | "the CNI plugin portmap"
  | "a CNI plugin"
  | "ip-masq-agent"
  | "Tailscale"
  | "firewalld"
  | "ufw"
  | "fail2ban"
  | "libvirt";

/** Finds who made a chain that is not built in; `undefined` for a name that nobody is known by. */
export function chainOwner(chain: string): ChainOwner | undefined {
  return owners.find(([pattern]) => pattern.test(chain))?.[1];
}

/** The first that fits counts. */
const owners: readonly (readonly [pattern: RegExp, owner: ChainOwner])[] = [
  [/^KUBE-(?:ROUTER|POD-FW|NWPLCY|SVC-FIREWALL|DEFAULT-FW)\b/, "kube-router"],
  [/^KUBE-(?:MARK-DROP|KUBELET-CANARY|IPTABLES-HINT)$/, "kubelet"],
  [/^KUBE-/, "kube-proxy"],
  [/^cali[-:]/, "Calico"],
  [/^(?:OLD_)?CILIUM_/, "Cilium"],
  [/^DOCKER(?:-|$)/, "Docker"],
  [/^FLANNEL-/, "Flannel"],
  [/^ISTIO_/, "Istio"],
  [/^WEAVE(?:-|$)/, "Weave Net"],
  [/^ANTREA-/, "Antrea"],
  [/^AWS-(?:SNAT|CONNMARK)-CHAIN/, "the AWS VPC CNI"],
  [/^CNI-(?:HOSTPORT|DN|SN)\b/, "the CNI plugin portmap"],
  [/^CNI-/, "a CNI plugin"],
  [/^IP-MASQ/, "ip-masq-agent"],
  [/^ts-(?:input|forward|postrouting)$/, "Tailscale"],
  [/^(?:INPUT|FORWARD|OUTPUT|PREROUTING|POSTROUTING|FWD[IO]|IN|PRE|POST)_/, "firewalld"],
  [/^ufw6?-/, "ufw"],
  [/^(?:f2b|fail2ban)-/, "fail2ban"],
  [/^LIBVIRT_/, "libvirt"],
];
