import { type Family, familyOf } from "../../base/ip.ts";
import { list, type Message, message, quote } from "../../base/message.ts";
import type { SourceRange } from "../../base/source.ts";
import { findNearest } from "../../base/text.ts";
import type { WorkloadManifest } from "../../manifest/model.ts";
import { commonFolder } from "../../workspace/folders.ts";
import type { PlannedPod } from "../pods.ts";
import type { Address } from "../resolution.ts";
import { type DnsClient, noDnsConfig } from "../search-path.ts";
import type { RequestError, RequestSource } from "./request.ts";
import type { World } from "./world.ts";

/** Who sends a request, with all that matters on its way. */
export interface Client {
  readonly kind: "pod" | "node" | "external";
  /** Of the pod or node; empty for a host outside. */
  readonly name: string;
  readonly namespace: string;
  readonly pod: PlannedPod | undefined;
  /** The node it runs on; `undefined` outside the cluster, and where the cluster has no nodes. */
  readonly node: string | undefined;
  /** Its packets come from the node itself: a process of the node, or a pod on the host network. */
  readonly onHost: boolean;
  /** At most one of each family, the preferred one first. */
  readonly addresses: readonly Address[];
  readonly dns: DnsClient;
  readonly because: SourceRange | undefined;
}

/** Finds who is meant, or says who could be. */
export function findClient(world: World, source: RequestSource): Client | RequestError {
  switch (source.kind) {
    case "external":
      return externalClient(source.ip);
    case "node": {
      const node = world.profile.nodes.find(({ name }) => name === source.name);
      if (node === undefined) return { error: noNode(world, source.name) };
      const address: Address = { ip: node.address, origin: node.origin };
      return { ...outsider, kind: "node", name: node.name, node: node.name, onHost: true, addresses: [address] };
    }
    case "workload":
      return findPodClient(world, source);
  }
}

/** What a client that is no pod has: the resolver of its host, and no namespace. */
const outsider = {
  namespace: "",
  pod: undefined,
  dns: { namespace: "default", dnsPolicy: "Default", hostNetwork: false, dnsConfig: noDnsConfig },
  because: undefined,
} as const satisfies Partial<Client>;

/** Addresses that are set aside for documentation stand for any host outside. */
const anybody: readonly Address[] = [
  { ip: "198.51.100.10", origin: "simulated" },
  { ip: "2001:db8:51:100::10", origin: "simulated" },
];

const externalClient = (ip: string | undefined): Client => ({
  ...outsider,
  kind: "external",
  name: "",
  node: undefined,
  onHost: false,
  addresses: ip === undefined ? anybody : [{ ip, origin: "written" }],
});

type WorkloadSource = Extract<RequestSource, { kind: "workload" }>;

function findPodClient(world: World, source: WorkloadSource): Client | RequestError {
  const workloads = matchingWorkloads(world, source);
  const pods = source.workloadKind === "Pod" ? world.pods.filter(({ name }) => name === source.name) : [];
  // Nobody knows the names of a Deployment's pods beforehand, so its own name will do.
  const meant = pods.length > 0 ? pods : workloads.flatMap((workload) => podsMadeBy(world, workload));
  const inNamespace = chooseNamespace(meant, source.namespace);
  if (inNamespace === "several") return { error: severalNamespaces(meant, source) };
  const pod = nearest(world, inNamespace);
  if (pod !== undefined) return isWaiting(pod) ? { error: waiting(pod) } : podClient(world, pod);
  const empty = workloads.find(({ namespace }) => (source.namespace ?? namespace.value) === namespace.value);
  return { error: empty ? noPods(empty) : noWorkload(world, source) };
}

/** The pods of a workload; of a ReplicaSet that a Deployment made, those among its pods. */
function podsMadeBy({ view }: World, workload: WorkloadManifest): readonly PlannedPod[] {
  const maker = view.makerOf.get(workload);
  if (maker === undefined) return view.pods.get(workload) ?? [];
  const pods = view.pods.get(maker) ?? [];
  if (workload.kind.value === "Pod") return pods.filter((pod) => pod.workload === workload);
  const own = pods.filter((pod) => pod.workload.owner?.name.value === workload.name.value);
  return own.length > 0 ? own : pods;
}

/** Whether a dumped pod has not been given an address yet. */
const isWaiting = ({ key }: PlannedPod): boolean => key.observedIPs?.length === 0;

const matchingWorkloads = ({ view }: World, { workloadKind, name }: WorkloadSource): readonly WorkloadManifest[] =>
  view.workloads.filter(
    (workload) =>
      workload.name.value === name &&
      (workloadKind === "Pod" || workload.kind.value.toLowerCase() === workloadKind.toLowerCase()),
  );

function podClient(world: World, pod: PlannedPod): Client {
  const placement = world.placementOf(pod);
  const { template } = pod.workload;
  return {
    kind: "pod",
    name: pod.name,
    namespace: pod.key.namespace,
    pod,
    node: placement?.node?.name,
    onHost: pod.key.hostNetwork,
    addresses: onePerFamily(placement?.addresses ?? []),
    dns: {
      namespace: pod.key.namespace,
      dnsPolicy: template.dnsPolicy.value,
      hostNetwork: template.hostNetwork,
      dnsConfig: template.dnsConfig,
    },
    because: pod.because,
  };
}

function onePerFamily(addresses: readonly Address[]): readonly Address[] {
  const byFamily = new Map<Family, Address>();
  for (const address of addresses) {
    const family = familyOf(address.ip);
    if (!byFamily.has(family)) byFamily.set(family, address);
  }
  return [...byFamily.values()];
}

/** Without a namespace `default` is meant, else the only one there is. */
function chooseNamespace(
  pods: readonly PlannedPod[],
  namespace: string | undefined,
): readonly PlannedPod[] | "several" {
  const within = (wanted: string): readonly PlannedPod[] => pods.filter(({ key }) => key.namespace === wanted);
  if (namespace !== undefined) return within(namespace);
  if (within("default").length > 0) return within("default");
  return new Set(pods.map(({ key }) => key.namespace)).size > 1 ? "several" : pods;
}

/** The same workload may stand in several trees; the one nearest to the text counts, and its first pod with an address. */
function nearest({ from }: World, pods: readonly PlannedPod[]): PlannedPod | undefined {
  const nearness = ({ workload }: PlannedPod): number => commonFolder(workload.range.uri, from).length;
  return [...pods].sort((a, b) => nearness(b) - nearness(a) || Number(isWaiting(a)) - Number(isWaiting(b)))[0];
}

const severalNamespaces = (pods: readonly PlannedPod[], { name, workloadKind }: WorkloadSource): Message => {
  const namespaces = [...new Set(pods.map(({ key }) => key.namespace))].sort();
  return message`${quote(name)} is in the namespaces ${list(namespaces.map(quote))}; write ${quote(`${workloadKind}/${namespaces[0]}/${name}`)}`;
};

const waiting = ({ name }: PlannedPod): Message =>
  message`pod ${quote(name)} has no address yet, so it can send no request`;

const noPods = ({ kind, name }: WorkloadManifest): Message =>
  kind.value === "Pod"
    ? message`pod ${quote(name.value)} has ended, so it can send no request`
    : message`${kind.value} ${quote(name.value)} has no pods that could send a request`;

function noWorkload(world: World, { workloadKind, namespace, name }: WorkloadSource): Message {
  const where = (found: { readonly value: string }): boolean => namespace === undefined || found.value === namespace;
  const names =
    workloadKind === "Pod"
      ? world.pods.filter(({ key }) => where({ value: key.namespace })).map((pod) => pod.name)
      : world.view.workloads
          .filter((workload) => workload.kind.value === workloadKind && where(workload.namespace))
          .map((workload) => workload.name.value);
  const similar = otherKind(world, { workloadKind, namespace, name }) ?? findNearest(name, names);
  const none =
    namespace === undefined
      ? message`there is no ${workloadKind} ${quote(name)}`
      : message`there is no ${workloadKind} ${quote(name)} in namespace ${quote(namespace)}`;
  if (similar !== undefined) return message`${none}; did you mean ${quote(similar)}?`;
  const few = [...new Set(names)].sort().slice(0, MOST_NAMED);
  return few.length === 0 ? none : message`${none}; there are ${list(few.map(quote), "comma")}`;
}

const MOST_NAMED = 8;

/** What has the name and is of another kind: the kind is misspelt, or mistaken. */
function otherKind(
  { view }: World,
  { workloadKind, namespace, name }: Omit<WorkloadSource, "kind">,
): string | undefined {
  const named = view.workloads.filter(
    (workload) => workload.name.value === name && (namespace === undefined || workload.namespace.value === namespace),
  );
  const kinds = named.map(({ kind }) => kind.value);
  const kind = findNearest(workloadKind, kinds) ?? kinds[0];
  return kind && `${kind === "Pod" ? "pod:" : `${kind}/`}${namespace === undefined ? "" : `${namespace}/`}${name}`;
}

function noNode({ profile }: World, name: string): Message {
  const names = profile.nodes.map((node) => quote(node.name));
  return names.length === 0
    ? message`there is no node ${quote(name)}: the settings give the cluster no nodes`
    : message`there is no node ${quote(name)}; the cluster has ${list(names)}`;
}
