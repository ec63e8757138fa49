import { type Message, message, quote } from "../base/message.ts";
import type { ReachedEndpoint, SeenAddress } from "../cluster/simulation/trace.ts";
import { addressText } from "./layout.ts";

/** The name by which an endpoint is known. */
export const endpointName = ({ podName, listener, node }: ReachedEndpoint): string | undefined =>
  podName ?? (listener === "kube-proxy" ? node : undefined);

/** How a packet gets to an endpoint. */
export function describeRoute({ route, node }: ReachedEndpoint): Message {
  const there = node ?? "";
  switch (route) {
    case "same-pod":
      return message`it never leaves the pod`;
    case "same-node":
      return message`over the bridge of ${there}, to a pod on the same node`;
    case "tunnel":
      return message`through the VXLAN tunnel to ${there}`;
    case "routed":
      return message`routed to ${there}, not wrapped`;
    case "host":
      return message`to ${there} itself`;
    case "outside":
      return message`out of the cluster, to an address of an EndpointSlice`;
  }
}

/** What receives a packet. */
export function describeDelivery({ listener, container, port, pod }: ReachedEndpoint): Message {
  switch (listener) {
    case "declared":
      return message`container ${quote(container ?? "")} declares port ${port}`;
    case "targeted":
      return pod === undefined
        ? message`whatever listens on port ${port} of the pod; its manifest is not here`
        : message`no container declares port ${port}; it works if a process listens there`;
    case "by-hand":
      return message`whatever has the address, on port ${port}`;
    case "kube-proxy":
      return message`kube-proxy itself answers health checks on port ${port}`;
  }
}

/** The address that an endpoint takes for its client's. */
export function describeSeen(seen: SeenAddress | undefined): Message {
  if (seen === undefined) return message`an address of the node that sent it on, which is not known`;
  const ip = addressText(seen);
  const node = seen.node ?? "";
  switch (seen.of) {
    case "client":
      return message`${ip}, the client's own`;
    case "node":
      return seen.translated
        ? message`${ip}, the address of ${node}, in the place of the client's`
        : message`${ip}, the address of ${node}`;
    case "bridge":
      return seen.translated
        ? message`${ip}, the bridge of ${node}, in the place of the client's`
        : message`${ip}, the bridge of ${node}`;
    case "load-balancer":
      return message`${ip}, an address of the load balancer, in the place of the client's`;
    case "service":
      return message`${ip}, the address of the Service itself, which ${node} calls its own`;
    case "tunnel":
      return seen.translated
        ? message`${ip}, the tunnel of ${node}, in the place of the client's`
        : message`${ip}, the tunnel of ${node}`;
  }
}
