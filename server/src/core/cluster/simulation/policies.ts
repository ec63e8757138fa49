import type { SourceRange } from "../../base/source.ts";
import type { Protocol } from "../../manifest/model.ts";
import { dnsServerAddress } from "../../settings/profile.ts";
import type { PlannedPod } from "../pods.ts";
import { labelsOfPods } from "../policy/label-query.ts";
import { askPolicies } from "../policy/network-policy.ts";
import type { Client } from "./client.ts";
import {
  type AskedOfPod,
  type Attempt,
  dnsServerLabels,
  enteringQuestion,
  leavingQuestion,
  metAtEnd,
  systemPeer,
} from "./policy-peers.ts";
import type { Stop } from "./stop-reason.ts";
import { stop } from "./stops.ts";
import type { PolicyCheck } from "./trace.ts";
import type { Journey } from "./travel.ts";
import type { World } from "./world.ts";

/**
 * Asks the NetworkPolicies about a connection: those of the client's pod whether it may leave, and those of the
 * endpoint's whether it may enter. Nodes and a pod's talk with itself are beyond them.
 */
export function checkPolicies(world: World, attempt: Attempt): readonly PolicyCheck[] {
  const { client, protocol, called } = attempt;
  const met = metAtEnd(world, attempt);
  if (met === undefined || (met.pod !== undefined && met.pod === client.pod)) return [];
  const check = (pod: PlannedPod, { through, ...question }: AskedOfPod): readonly PolicyCheck[] => {
    const answer = askPolicies(world.view.policies(), {
      ...question,
      pod: pod.workload,
      labels: labelsOfPods(pod.workload, pod.key.ordinal),
      called: called.port,
      protocol: protocol.toUpperCase() as Protocol, // the tokens are the names in lower case
    });
    const { direction } = question;
    const port = question.port ?? called.port;
    return answer.kind === "open"
      ? []
      : [{ direction, pod, port, protocol, called: called.port === port ? undefined : called.port, through, answer }];
  };
  const leaving = client.pod ? check(client.pod, leavingQuestion(world, attempt, met)) : [];
  const entering = met.pod ? check(met.pod, enteringQuestion(world, client, met)) : [];
  return [...leaving, ...entering];
}

/** Where a connection ends that NetworkPolicies do not let through, or may not. */
export function stopAtPolicy(checks: readonly PolicyCheck[], end: Journey["end"]): Stop | undefined {
  const blocked = checks.find(({ answer }) => answer.kind === "blocked");
  // What nobody knows to listen is unknown for that reason first.
  const unknown = end.kind === "endpoint" ? checks.find(({ answer }) => answer.kind === "unknown") : undefined;
  const check = blocked ?? unknown;
  if (check === undefined) return undefined;
  const endpoint = end.kind === "endpoint" ? end : undefined;
  return stop(blocked ? "dropped" : "unknown", { kind: "network-policy", check, endpoint }, rangeOfCheck(check));
}

/** Asks whether a pod may reach the DNS server of the cluster; `undefined` where no policy is about that. */
export function checkLookup(world: World, { pod }: Client): PolicyCheck | undefined {
  if (pod === undefined) return undefined;
  const server = dnsServerAddress(world.profile);
  if (server === undefined) return undefined;
  const answer = askPolicies(world.view.policies(), {
    direction: "egress",
    pod: pod.workload,
    labels: labelsOfPods(pod.workload, pod.key.ordinal),
    called: undefined,
    peers: [systemPeer(world, server, dnsServerLabels)],
    doubt: "translated",
    port: 53,
    protocol: "UDP",
    receiver: "dns-server",
  });
  return answer.kind === "open"
    ? undefined
    : { direction: "egress", pod, port: 53, protocol: "udp", called: undefined, through: undefined, answer };
}

/** Where a check's reason stands: the rule that admits, the rule that nearly does, else what isolates the pod. */
export function rangeOfCheck({ answer, direction }: PolicyCheck): SourceRange | undefined {
  if (answer.kind === "admitted") return answer.rule.range;
  if (answer.kind === "blocked" && answer.nearly) return answer.nearly.rule.range;
  const [policy] = answer.policies;
  return policy?.[direction]?.key ?? policy?.name.range;
}
