import { type Message, message, quote } from "../../base/message.ts";
import { isFrom, type ProxyInput } from "../kube-proxy/proxy-input.ts";
import type { CollectedSets } from "./collect-sets.ts";

/** What a reader should know: how sure the text is for a release, and what the kernel does not take. */
export function noteIpvs({ family, config }: ProxyInput, { unheld }: CollectedSets): readonly Message[] {
  const everything = family === "IPv4" ? "0.0.0.0/0" : "::/0";
  const names = new Set(unheld.map(({ namespace, service }) => `${namespace}/${service}`));
  return [
    ...noteRelease(config),
    ...[...names].map(
      (name) =>
        message`no set can hold ${everything}, which Service ${quote(name)} has among its source ranges: in IPVS mode it lets nobody in`,
    ),
  ];
}

function noteRelease({ release }: ProxyInput["config"]): readonly Message[] {
  const version = `${release.major}.${release.minor}`;
  if (!isFrom(release, 8)) return [message`kube-proxy has IPVS mode from Kubernetes 1.8 on; ${version} has none`];
  if (!isFrom(release, 25)) {
    return [
      message`these are the rules of Kubernetes 1.25; ${version} dropped packets by a mark, and some of its sets and chains had other names`,
    ];
  }
  if (isFrom(release, 26) && !isFrom(release, 31)) {
    return [
      message`these are the rules of late patch releases; early ones of ${version} let less pass through KUBE-IPVS-FILTER`,
    ];
  }
  return isFrom(release, 35) ? [message`IPVS mode is deprecated from Kubernetes 1.35 on`] : [];
}
