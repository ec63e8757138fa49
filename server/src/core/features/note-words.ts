import { list, type Message, message } from "../base/message.ts";
import type { SourceRange } from "../base/source.ts";
import type { Note } from "../cluster/simulation/note.ts";
import { addressText } from "./layout.ts";
import { nameOf } from "./naming.ts";

/** What a reader should know besides, and where it stands. */
export function describeNote(note: Note): { readonly said: Message; readonly source: SourceRange | undefined } {
  switch (note.kind) {
    case "scheduler":
      return { said: schedulerWords(note), source: undefined };
    case "closed-at-once":
      return {
        said: message`kube-proxy itself takes the connection in userspace mode, and closes it at once`,
        source: undefined,
      };
    case "nodes-without-endpoint":
      return {
        said: note.astray
          ? message`with externalTrafficPolicy Local, no answer would come back through ${list(note.nodes)}, having no endpoint`
          : message`with externalTrafficPolicy Local, ${list(note.nodes)} would drop the request, having no endpoint`,
        source: note.served.service.externalTrafficPolicy.range,
      };
    case "topology":
      return {
        said: message`${note.used} of ${note.ready} ready endpoints are used: those that topology hints give to ${note.node}`,
        source: note.served.service.trafficDistribution?.range ?? note.served.service.topologyMode?.range,
      };
    case "topology-auto":
      return {
        said: message`with the topology mode Auto only endpoints of the client's zone may be used: that depends on the CPUs of the nodes, which no manifest shows`,
        source: note.served.service.topologyMode?.range,
      };
    case "balancer":
      return {
        said:
          note.served.service.loadBalancerSourceRanges.length > 0
            ? message`the load balancer proxies: to which node and from which address it sends, no manifest tells, and its loadBalancerSourceRanges are its own to enforce`
            : message`the load balancer proxies: to which node and from which address it sends, no manifest tells`,
        source: note.served.service.loadBalancerIngress.find(({ proxied }) => proxied)?.ip.range,
      };
    case "plugin-may-masquerade":
      return {
        said: message`a network plugin may show ${note.node} the address of the sending node in the place of the pod's`,
        source: undefined,
      };
    case "plugin-masquerades-outside":
      return {
        said: message`on the way out of the cluster a network plugin usually puts the node's address in the place of the pod's`,
        source: undefined,
      };
    case "foreign-policy":
      return {
        said: message`there are policies of the kind ${note.policyKind}; whether they let the request through is not looked at`,
        source: note.because,
      };
    case "policy-may-block-dns":
      return {
        said: message`a NetworkPolicy may keep the client from the cluster's DNS server: the manifests cannot tell`,
        source: note.because,
      };
    case "uncounted-pods":
      return {
        said: message`only a cluster can tell how many pods ${nameOf(note.workload)} has; one stands for them`,
        source: note.workload.name.range,
      };
    case "other-family":
      return {
        said: message`the name has ${list(note.addresses.map(addressText))} in the other address family as well`,
        source: undefined,
      };
    case "not-guaranteed":
      return {
        said: message`CoreDNS answers for ${note.name}; other DNS servers need not`,
        source: undefined,
      };
  }
}

/** What the odds of a scheduler do not tell. */
function schedulerWords({ scheduler, basis }: Extract<Note, { readonly kind: "scheduler" }>): Message {
  switch (basis) {
    case "hash of-client":
      return message`the scheduler ${scheduler} goes by a hash of the client's address: a client always comes to the same endpoint, whichever that is`;
    case "hash of-client and-port":
      return message`the scheduler ${scheduler} goes by a hash of the client's address and port: each connection may come to another endpoint`;
    case "hash of-destination":
      return message`the scheduler ${scheduler} goes by a hash of the address that is called: every client comes to the same endpoint, whichever that is`;
    case "state":
      return message`the scheduler ${scheduler} goes by the connections that there are, of which the manifests tell nothing`;
  }
}
