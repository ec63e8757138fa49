import { type Message, message } from "../../base/message.ts";
import { isFrom, type ProxyConfig, type Release } from "../kube-proxy/proxy-input.ts";

/** Whether packets are checked for missing endpoints behind the translation; up to 1.33 before it. */
export const checksAfterDnat = (release: Release): boolean => isFrom(release, 34);

/**
 * Whether rules mark packets themselves and endpoints need no chains, from 1.36; before, they jump to a chain that marks
 * and go to a chain for each endpoint.
 */
export const isInlined = (release: Release): boolean => isFrom(release, 36);

/** Whether a single endpoint is written without a choice, from 1.37. */
export const isDirect = (release: Release): boolean => isFrom(release, 37);

/** Whether kube-proxy hears of the blocks of Services: ServiceCIDRs are generally available from 1.33. */
export const knowsServiceCIDRs = (release: Release): boolean => isFrom(release, 33);

/** What a reader should know of the text for a release. */
export function noteRelease({ release, detectLocal }: ProxyConfig): readonly Message[] {
  const version = `${release.major}.${release.minor}`;
  const notes: Message[] = [];
  if (!isFrom(release, 29)) {
    notes.push(message`kube-proxy ${version} has no nftables mode, which came with 1.29; these are the rules of 1.31`);
  } else if (!isFrom(release, 31)) {
    notes.push(
      message`these are the rules of Kubernetes 1.31; ${version}, an alpha version, had other checks for missing endpoints and source ranges`,
    );
  } else if (isDirect(release)) {
    notes.push(message`rules of Kubernetes ${version} as far as they were known beforehand; details may differ`);
  }
  if (detectLocal.mode === "InterfaceNamePrefix" && !isFrom(release, 35)) {
    notes.push(
      message`kube-proxy ${version} without its last fixes writes ${"iif"} in the place of ${"iifname"}, and nft takes none of its rules`,
    );
  }
  return notes;
}
