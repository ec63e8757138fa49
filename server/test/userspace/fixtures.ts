import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import type { ProxyInput } from "../../src/core/cluster/kube-proxy/proxy-input.ts";
import { type InputSketch, proxyInput } from "../iptables/inputs.ts";

/** What kube-proxy reads, and what `iptables-save` prints of its rules in userspace mode. */
export interface UserspaceFixture {
  readonly name: string;
  readonly input: ProxyInput;
  readonly expected: string;
}

/** The fixtures of userspace mode, each over the input of iptables mode with the same name, in Kubernetes 1.25. */
export const readUserspaceFixtures = (): readonly UserspaceFixture[] =>
  readdirSync(base)
    .filter((file) => file.endsWith(".save"))
    .sort()
    .map((file) => {
      const name = file.slice(0, -".save".length);
      const text = readFileSync(new URL(`../iptables/current/${name}.json`, base), "utf8");
      const sketch = JSON.parse(text) as InputSketch;
      const input = proxyInput({ ...sketch, config: { ...sketch.config, release: { major: 1, minor: 25 } } });
      return { name, input, expected: readFileSync(new URL(file, base), "utf8") };
    });

/** Puts a new text in the place of a fixture's. */
export const updateFixture = (name: string, text: string): void => writeFileSync(new URL(`${name}.save`, base), text);

const base = new URL("../../../../test-fixtures/userspace/", import.meta.url);
