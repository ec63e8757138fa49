import type { ServicePort } from "../kube-proxy/proxy-input.ts";
import type { NftSet, NftTable } from "./table.ts";

/** The same node, with a view to some service ports only: what is written for them, and what every node has. */
export function restrictTable(table: NftTable, keeps: (port: ServicePort) => boolean): NftTable {
  const keepsWhat = ({ port }: { readonly port: ServicePort | undefined }): boolean =>
    port === undefined || keeps(port);
  return {
    ...table,
    sets: new Map([...table.sets].filter(([, set]) => keepsWhat(set)).map(([name, set]) => [name, restrictSet(set)])),
    chains: new Map([...table.chains].filter(([, chain]) => keepsWhat(chain))),
  };

  function restrictSet(set: NftSet): NftSet {
    return { ...set, elements: new Map([...set.elements].filter(([, element]) => keepsWhat(element))) };
  }
}
