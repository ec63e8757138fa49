/** A service port as kube-proxy names it in comments and hashes: `shop/web:http`, up to 1.18 also `shop/web:`. */
export interface NamedPort {
  readonly namespace: string;
  readonly service: string;
  /** Empty for an unnamed port. */
  readonly portName: string;
  /** As it is written, with the colon that unnamed ports had up to 1.18. */
  readonly text: string;
}

/** Finds the service port that a comment of kube-proxy's is about, whatever words stand around it. */
export function nameInComment(comment: string): NamedPort | undefined {
  for (const word of comment.split(" ")) {
    const name = readName(word);
    if (name !== undefined) return name;
  }
  return undefined;
}

/** Reads `namespace/service:port`. */
export function readName(word: string): NamedPort | undefined {
  const found = NAME.exec(word);
  if (found?.[1] === undefined || found[2] === undefined) return undefined;
  return { namespace: found[1], service: found[2], portName: found[3] ?? "", text: word };
}

/** Names of objects, and behind the colon that of a port. Addresses with their ports have no slash. */
const NAME = /^([a-z0-9][-a-z0-9.]*)\/([a-z0-9][-a-z0-9.]*)(?::([-a-z0-9]*))?$/;
