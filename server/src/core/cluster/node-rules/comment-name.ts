/** The name of a service port, as kube-proxy writes it in comments and hashes: `shop/web:http`, up to 1.18 also `shop/web:`. */
export interface PortName {
  readonly namespace: string;
  readonly service: string;
  /** Empty for an unnamed port. */
  readonly portName: string;
  /** As it is written, with the colon that unnamed ports had up to 1.18. */
  readonly text: string;
}

/** Finds the service port that a comment of kube-proxy's is about, whatever words stand around it. */
export function nameInComment(comment: string): PortName | undefined {
  for (const word of comment.split(" ")) {
    const name = readName(word);
    if (name !== undefined) return name;
  }
  return undefined;
}

function readName(word: string): PortName | undefined {
  const found = NAME.exec(word);
  if (found?.[1] === undefined || found[2] === undefined) return undefined;
  return { namespace: found[1], service: found[2], portName: found[3] ?? "", text: word };
}

/** Names of objects, and behind the colon that of a port. Addresses with their ports have no slash. */
const NAME = /^([a-z0-9][-a-z0-9.]*)\/([a-z0-9][-a-z0-9.]*)(?::([-a-z0-9]*))?$/;

/** Whether a Service is one that every cluster has, and hardly any repository. */
export const isOfTheCluster = ({ namespace, service }: Pick<PortName, "namespace" | "service">): boolean =>
  namespace === "kube-system" || (namespace === "default" && service === "kubernetes");
