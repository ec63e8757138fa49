import { hostPort } from "../../base/ip.ts";
import { message, quote } from "../../base/message.ts";
import type { DocumentUri } from "../../base/source.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import type { RulesText } from "../../cluster/iptables/reading/read-rules.ts";
import { nodeRulesOf } from "../../cluster/node-rules/node-rules.ts";
import { listServiceAddresses, type ServiceAddress } from "../../cluster/node-rules/service-addresses.ts";
import { type Choice, type Choices, findChoices } from "../choices.ts";

/** What to propose to somebody who simulates a request through the rules of a node: the addresses that they know. */
export function findRulesChoices(cluster: Cluster, from: DocumentUri, text: RulesText): Choices {
  const pods = findChoices(cluster, from).sources.filter(
    ({ value }) => value !== "external" && !value.startsWith("node:"),
  );
  const addresses = text.captures.flatMap(({ ruleSet }) => listServiceAddresses(nodeRulesOf(ruleSet)));
  const byValue = new Map<string, Choice>();
  for (const choices of [namesOf, placesOf]) {
    for (const address of addresses) {
      for (const choice of choices(address)) {
        if (byValue.size >= MOST_CHOICES) break;
        if (!byValue.has(choice.value)) byValue.set(choice.value, choice);
      }
    }
  }
  return {
    sources: [
      ...pods,
      { value: "pod:any", detail: message`any pod on this node` },
      { value: "node:node", detail: message`a process on this node` },
      { value: "external", detail: message`a host outside the cluster` },
    ],
    destinations: [...byValue.values()],
  };
}

/** Nobody reads more; what else there is can be typed. */
const MOST_CHOICES = 1000;

function namesOf({ as, name, port, protocol }: ServiceAddress): readonly Choice[] {
  if (as !== "cluster-ip") return [];
  const detail = message`cluster IP of ${quote(name.text)}`;
  return [{ value: `${schemeOf(protocol)}${name.service}.${name.namespace}:${port}`, detail }];
}

function placesOf({ as, ip, name, port, protocol }: ServiceAddress): readonly Choice[] {
  const value = `${schemeOf(protocol)}${ip === undefined ? `node:${port}` : hostPort(ip, port)}`;
  const subject = quote(name.text);
  switch (as) {
    case "cluster-ip":
      return [{ value, detail: message`cluster IP of ${subject}` }];
    case "external-ip":
      return [{ value, detail: message`external IP of ${subject}` }];
    case "load-balancer":
      return [{ value, detail: message`load balancer of ${subject}` }];
    case "node-port":
      return [{ value, detail: message`node port of ${subject}` }];
  }
}

/** TCP goes without saying. */
const schemeOf = (protocol: string): string => (protocol === "TCP" ? "" : `${protocol.toLowerCase()}://`);
