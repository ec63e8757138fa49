import { type Family, familyOf, formatCidr } from "../base/ip.ts";
import { list, type Message, message, plural, quote } from "../base/message.ts";
import type { DocumentUri } from "../base/source.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { type PacketFilter, restrictFilter } from "../cluster/packet-filter.ts";
import { filterFor, filterForService, passedOver, proxyFamilies } from "../cluster/proxy.ts";
import type { Resolution } from "../cluster/resolution.ts";
import { scopeName } from "../cluster/scope.ts";
import { nearestResolution } from "../cluster/seen-services.ts";
import { type ServedService, servedService } from "../cluster/served.ts";
import type { View } from "../cluster/view.ts";
import type { ServiceManifest } from "../manifest/model.ts";
import type { Profile, ProxyMode } from "../settings/profile.ts";
import { blank, comment } from "./layout.ts";
import { nameOf } from "./naming.ts";
import type { Line, Page } from "./page.ts";
import { filterLines, type RulesForm, toolOf } from "./rules-sections.ts";

/** Which rules to show, and how. */
export interface RulesQuery {
  /** The rules and chains of this Service alone, with those that every node has. */
  readonly service?: ServiceManifest;
  readonly form: RulesForm;
  /** The mode of kube-proxy; that of the settings if it is not given. */
  readonly mode?: ProxyMode;
  /** The node whose rules they are; the first one of the cluster if it is not given, or not there. */
  readonly node?: string;
}

/**
 * kube-proxy's rules on one node for all that is in view of a text. Lines in the form of the tool are exact; what they
 * assume stands before them in comments. Every rule leads to the YAML that it is written for.
 */
export function rulesPage(cluster: Cluster, from: DocumentUri, query: RulesQuery): Page {
  const { view, resolution, scopes } = lookAround(cluster, from, query);
  const node = nodeOf(view, query.node);
  const served = resolution && servedService(view, resolution.service);
  const assumptions = assumptionsOf(view, node, query, served, scopes > 1);
  const silence = served && whyNone(served);
  if (silence !== undefined) return { lines: [...assumptions, comment(silence)] };
  const sections = familiesOf(view, served).map((family) => {
    const mode = modeOf(view, query);
    if (served && standsAlone(mode, query.form)) {
      return filterLines(filterForService(view, mode, node, family, served), query.form);
    }
    const filter = filterFor(view, mode, node, family);
    return filterLines(served ? restrictTo(filter, served.service) : filter, query.form);
  });
  return { lines: [...assumptions, ...sections.flatMap((lines) => [blank, ...lines])] };
}

/** The title of the page: `iptables-save node-1 web.shop`. */
export function rulesTitle(cluster: Cluster, from: DocumentUri, query: RulesQuery): string {
  const { form, node } = query;
  const { view, resolution } = lookAround(cluster, from, query);
  const name = resolution ? `${resolution.service.name.value}.${resolution.service.namespace.value}` : "";
  return [toolOf(modeOf(view, query), form), nodeOf(view, node), name].filter((part) => part !== "").join(" ");
}

/** The mode of kube-proxy whose rules a page shows. */
export const rulesMode = (cluster: Cluster, from: DocumentUri, query: RulesQuery): ProxyMode =>
  modeOf(lookAround(cluster, from, query).view, query);

/** Whether what is shown of a Service is the same without all others. Lists count references; sets and proxies are shared. */
const standsAlone = (mode: ProxyMode, form: RulesForm): boolean =>
  form !== "list" && (mode === "iptables" || mode === "nftables");

/** What is shown of how many. A Service that a nearer one hides is in view all the same, where it is asked for. */
function lookAround(
  cluster: Cluster,
  from: DocumentUri,
  { service }: RulesQuery,
): { readonly view: View; readonly resolution: Resolution | undefined; readonly scopes: number } {
  if (service === undefined) return { view: cluster.viewFrom(from), resolution: undefined, scopes: 0 };
  const all = cluster.placed(service);
  const meant = all.filter((resolution) => resolution.service === service);
  const resolution = nearestResolution(from, meant.length > 0 ? meant : all);
  return { view: resolution ? cluster.viewOf(resolution) : cluster.viewFrom(from), resolution, scopes: all.length };
}

const modeOf = ({ profile }: View, { mode }: RulesQuery): ProxyMode => mode ?? profile.proxy.mode;

const nodeOf = ({ profile }: View, wanted: string | undefined): string =>
  (profile.nodes.find(({ name }) => name === wanted) ?? profile.nodes[0])?.name ?? "";

function assumptionsOf(
  view: View,
  node: string,
  query: RulesQuery,
  served: ServedService | undefined,
  isOneOfSeveral: boolean,
): readonly Line[] {
  const { profile } = view;
  const service = served?.service;
  const { major, minor } = profile.kubernetesVersion;
  const what = service
    ? message`rules for ${nameOf(service)} in namespace ${quote(service.namespace.value)}, and those that every node has`
    : view.services.length === 0
      ? message`rules that every node has; no Service is in view`
      : plural(
          view.services.length,
          message`rules for the one Service in view`,
          message`rules for all ${view.services.length} Services in view`,
        );
  const { mode } = profile.proxy;
  const shown = modeOf(view, query);
  return [
    comment(message`kube-proxy ${`${major}.${minor}`} in ${modeName(shown)} mode on ${node || "?"}: ${what}`),
    comment(message`${assumedAddresses(profile)}; addresses that no manifest gives are simulated`),
    ...(served && isOneOfSeveral
      ? [
          comment(
            message`the Service is in several scopes, of which ${quote(scopeName(served.resolution.scope))} is shown`,
          ),
        ]
      : []),
    ...(mode === shown
      ? []
      : [comment(message`the cluster is set to ${modeName(mode)} mode, whose rules look different`)]),
  ];
}

/** A mode as people write it. */
const modeName = (mode: ProxyMode): string => (mode === "ipvs" ? "IPVS" : mode);

function assumedAddresses({ serviceCIDR, podCIDR }: Profile): Message {
  const services = list(serviceCIDR.map(formatCidr), "comma");
  return message`Services in ${services}, pods in ${list(podCIDR.map(formatCidr), "comma")}`;
}

/** Why there is no rule for a Service; `undefined` where there is one. */
function whyNone(served: ServedService): Message | undefined {
  const { service } = served;
  switch (passedOver(served)) {
    case "headless":
      return message`${nameOf(service)} is headless, so kube-proxy writes no rules for it: its name leads to the pods themselves`;
    case "external-name":
      return message`${nameOf(service)} is an alias in DNS, so kube-proxy writes no rules for it`;
    case "foreign-proxy":
      return message`${nameOf(service)} is left to another proxy, so kube-proxy writes no rules for it`;
    case "no-address":
      return message`${nameOf(service)} has no cluster IP, so kube-proxy writes no rules for it`;
    case undefined:
      return service.ports.length > 0
        ? undefined
        : message`${nameOf(service)} has no ports, so kube-proxy writes no rules for it`;
  }
}

/** The families of one Service, or of the whole cluster. */
function familiesOf(view: View, served: ServedService | undefined): readonly Family[] {
  const all = proxyFamilies(view);
  if (served === undefined) return all;
  return all.filter((family) => served.addresses.clusterIPs.some(({ ip }) => familyOf(ip) === family));
}

const restrictTo = (filter: PacketFilter, { namespace, name }: ServiceManifest): PacketFilter =>
  restrictFilter(filter, (port) => port.namespace === namespace.value && port.service === name.value);
