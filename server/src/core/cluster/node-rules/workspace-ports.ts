import { once } from "../../base/once.ts";
import type { DocumentUri } from "../../base/source.ts";
import type { ServiceManifest, ServicePort } from "../../manifest/model.ts";
import { commonFolder } from "../../workspace/folders.ts";
import type { Cluster } from "../cluster.ts";
import { portHash } from "../iptables/chain-names.ts";
import { isOpen } from "../manifests.ts";

/** A port of a Service of the workspace. */
export interface WorkspacePort {
  readonly service: ServiceManifest;
  readonly port: ServicePort;
}

/** Finds the ports of the workspace by what a node's rules know of them. */
export interface WorkspacePorts {
  /** Whether there is any Service at all. */
  readonly hasServices: boolean;
  /** By the hash that the chains of a port share; of namesakes in several places, the nearest to the text. */
  readonly byHash: (hash: string) => WorkspacePort | undefined;
  readonly byName: (namespace: string, service: string) => ServiceManifest | undefined;
}

/**
 * The Services of a workspace, as the chains of a real node can be turned back into them: by both forms in which
 * kube-proxy has named ports. Hashes are counted once for each Service, however often it is asked for.
 * @param from the text of the rules: where a Service stands in several places, the one near it is meant
 */
export function findWorkspacePorts(cluster: Cluster, from: DocumentUri): WorkspacePorts {
  const { servicesByName } = cluster.snapshot.index;
  const services = [...servicesByName.entries()].flatMap(([, namesakes]) => namesakes);
  const hashes = once(() => {
    const byHash = new Map<string, WorkspacePort>();
    for (const service of services.flatMap((written) => inEachNamespace(cluster, written))) {
      for (const [hash, port] of hashesOf(service)) {
        const known = byHash.get(hash);
        if (known === undefined || isNearer(from, service, known.service)) byHash.set(hash, { service, port });
      }
    }
    return byHash;
  });
  return {
    hasServices: services.length > 0,
    byHash: (hash) => hashes().get(hash),
    byName: (namespace, name) =>
      (servicesByName.get(name) ?? [])
        .flatMap((written) => inEachNamespace(cluster, written))
        .filter((service) => service.namespace.value === namespace)
        .reduce<ServiceManifest | undefined>(
          (best, service) => (best === undefined || isNearer(from, service, best) ? service : best),
          undefined,
        ),
  };
}

/** A Service that names no namespace may be in several. */
const inEachNamespace = ({ placed }: Cluster, service: ServiceManifest): readonly ServiceManifest[] =>
  isOpen(service) ? [...new Set(placed(service).map((resolution) => resolution.service))] : [service];

const isNearer = (from: DocumentUri, a: ServiceManifest, b: ServiceManifest): boolean =>
  commonFolder(a.range.uri, from).length > commonFolder(b.range.uri, from).length;

/** Every hash that a kube-proxy of any release gives the ports of a Service. */
function hashesOf(service: ServiceManifest): readonly (readonly [hash: string, port: ServicePort])[] {
  const known = knownHashes.get(service);
  if (known) return known;
  const name = `${service.namespace.value}/${service.name.value}`;
  const hashes = service.ports.flatMap((port) => {
    const portName = port.name?.value ?? "";
    const names = portName === "" ? [name, `${name}:`] : [`${name}:${portName}`];
    return names.map((text) => [portHash(text, port.protocol.value), port] as const);
  });
  knownHashes.set(service, hashes);
  return hashes;
}

const knownHashes = new WeakMap<ServiceManifest, readonly (readonly [hash: string, port: ServicePort])[]>();
