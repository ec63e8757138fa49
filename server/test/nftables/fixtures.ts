import { readdirSync, readFileSync } from "node:fs";
import type { ProxyInput } from "../../src/core/cluster/kube-proxy/proxy-input.ts";
import type { PrintedLine } from "../../src/core/cluster/netfilter/printed-line.ts";
import { type InputSketch, proxyInput } from "../iptables/inputs.ts";

/** What kube-proxy reads, and objects that its table must have. */
export interface NftFixture {
  readonly name: string;
  readonly input: ProxyInput;
  /** Each set, map and chain as nft lists it, by its first line. */
  readonly objects: ReadonlyMap<string, string>;
}

/** The listings `NAME.RELEASE.nft`. Their inputs are those of iptables mode with the same name. */
export const readNftFixtures = (): readonly NftFixture[] =>
  readdirSync(base)
    .filter((file) => file.endsWith(".nft"))
    .sort()
    .map((file) => {
      const [, name = "", minor] = /^(.+)\.1\.(\d+)\.nft$/.exec(file) ?? [];
      return { name: `${name} in 1.${minor}`, input: nftInput(name, Number(minor)), objects: objectsOf(readNft(file)) };
    });

/** The text of one fixture file. */
export const readNft = (file: string): string => readFileSync(new URL(file, base), "utf8");

/** The input of a fixture of iptables mode, in another release and in a cluster whose Services have a block. */
export function nftInput(name: string, minor: number, config: InputSketch["config"] = {}): ProxyInput {
  const text = readFileSync(new URL(`../iptables/current/${name}.json`, base), "utf8");
  const sketch = JSON.parse(text) as InputSketch;
  const release = { major: 1, minor };
  return proxyInput({ ...sketch, config: { ...sketch.config, serviceCIDRs: ["10.96.0.0/16"], ...config, release } });
}

/** The sets, maps and chains of a listing by their first lines. */
export function objectsOf(listing: string): ReadonlyMap<string, string> {
  const objects = new Map<string, string>();
  for (const [text, header = ""] of listing.matchAll(/^\t((?:set|map|chain) \S+) \{\n(?:\t\t.*\n)*\t\}$/gm)) {
    objects.set(header, text);
  }
  return objects;
}

/** The text of printed lines. */
export const textOf = (lines: readonly PrintedLine[]): string => lines.map(({ text }) => `${text}\n`).join("");

const base = new URL("../../../../test-fixtures/nftables/", import.meta.url);
