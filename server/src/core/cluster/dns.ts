import { parseIP } from "../base/ip.ts";
import type { Profile } from "../settings/profile.ts";
import {
  answer,
  type DnsAnswer,
  type DnsLookup,
  type DnsQuestion,
  labelsInCluster,
  type NoName,
} from "./dns-answer.ts";
import { type DnsHint, findHints, findMistake } from "./dns-hints.ts";
import { type DnsClient, noDnsConfig, type SearchPath, searchPath } from "./search-path.ts";

/** How one name was looked up, question by question. */
export interface NameResolution {
  readonly name: string;
  readonly path: SearchPath;
  readonly attempts: readonly Attempt[];
  readonly outcome: Outcome;
  /** What may have been meant, where the name leads nowhere. */
  readonly hints: readonly DnsHint[];
}

/** One question and its answer. */
export interface Attempt {
  /** Absolute, without the final dot. */
  readonly query: string;
  readonly answer: DnsAnswer;
}

export type Outcome =
  | DnsAnswer
  /** The name is an IP address: nobody was asked. */
  | { readonly kind: "literal"; readonly ip: string }
  /** `localhost`, which every hosts file knows. */
  | { readonly kind: "loopback" };

/**
 * Looks a name up as the C library of a client does: search domains, then the name as it is, until one of the questions
 * has an answer. A name of the form `_port._protocol.…` asks for SRV records, any other for addresses.
 *
 * Total for any text. What no manifest shows does not exist, but for names that some other server may know.
 */
export function resolveName(profile: Profile, lookup: DnsLookup, client: DnsClient, name: string): NameResolution {
  const path = searchPath(profile, client, clusterDnsServers(lookup));
  const asked = name.toLowerCase();
  const done = (outcome: Outcome): NameResolution => ({ name, path, attempts: [], outcome, hints: [] });
  const ip = parseIP(asked);
  if (ip !== undefined) return done({ kind: "literal", ip });
  if (asked === "localhost" || asked === "localhost.") return done({ kind: "loopback" });

  const attempts = attemptsOf(profile, lookup, path, asked);
  const outcome = outcomeOf(attempts);
  const lost = attempts.length > 0 && outcome.kind !== "records";
  const hints = lost ? hintsFor(profile, lookup, client, path, asked) : [];
  return { name, path, attempts, outcome, hints };
}

function attemptsOf(profile: Profile, lookup: DnsLookup, path: SearchPath, name: string): readonly Attempt[] {
  const question: DnsQuestion = name.startsWith("_") ? "SRV" : "address";
  const attempts: Attempt[] = [];
  for (const query of queriesFor(path, name)) {
    const attempt = { query, answer: ask(profile, lookup, path, query, question) };
    attempts.push(attempt);
    if (attempt.answer.kind === "records" || attempt.answer.kind === "elsewhere") break;
  }
  return attempts;
}

function hintsFor(
  profile: Profile,
  lookup: DnsLookup,
  client: DnsClient,
  path: SearchPath,
  name: string,
): readonly DnsHint[] {
  const usual: DnsClient = { ...client, dnsPolicy: "ClusterFirst", hostNetwork: false, dnsConfig: noDnsConfig };
  const clusterPath = searchPath(profile, usual);
  const found = (text: string): Attempt | undefined =>
    attemptsOf(profile, lookup, clusterPath, text).find(({ answer: given }) => given.kind === "records");
  const leads = (text: string): boolean => found(text) !== undefined;
  if (path.server !== "cluster" && leads(name)) return [{ kind: "not-cluster-dns", suggestions: [] }];
  const meant = found(name);
  if (meant !== undefined) return [{ kind: "not-searched", suggestions: [meant.query] }];
  const bare = name.replace(/\.$/, "");
  if (bare !== name && leads(bare)) return [{ kind: "absolute", suggestions: [bare] }];
  return findHints(profile, lookup, client.namespace, bare);
}

/** The addresses that the manifests give the cluster's DNS server. */
const clusterDnsServers = (lookup: DnsLookup): readonly string[] =>
  lookup.service("kube-system", "kube-dns")?.clusterIPs.map(({ ip }) => ip) ?? [];

/** The absolute names that a client asks for, in order; none for text that is no name. */
function queriesFor({ domains, ndots }: SearchPath, name: string): readonly string[] {
  const bare = name.replace(/\.$/, "");
  const wellFormed = bare.length <= 253 && bare.split(".").every((label) => label.length > 0 && label.length <= 63);
  if (!wellFormed) return [];
  if (bare !== name) return [bare];
  const searched = domains.map((domain) => `${name}.${domain}`).filter((query) => query.length <= 253);
  return name.split(".").length - 1 >= ndots ? [name, ...searched] : [...searched, name];
}

function ask(profile: Profile, lookup: DnsLookup, path: SearchPath, query: string, question: DnsQuestion): DnsAnswer {
  if (path.server === "custom") return { kind: "elsewhere", records: [], name: query };
  const inCluster = labelsInCluster(profile, query) !== undefined;
  if (path.server === "cluster" && inCluster) return answer(profile, lookup, query, question);
  if (inCluster) return { kind: "nxdomain", because: { kind: "not-cluster-dns" } };
  return askUpstream(profile, path, lookup, query);
}

/** What a server outside the cluster would say: it is not asked, but some names are nobody's. */
function askUpstream(profile: Profile, path: SearchPath, lookup: DnsLookup, query: string): DnsAnswer {
  const labels = query.split(".");
  const [first = "", second] = labels;
  const ofCluster = (labels.length >= 3 && labels.at(-1) === "svc") || findMistake(profile, query) !== undefined;
  if (ofCluster && path.server === "node") return nobody({ kind: "not-cluster-dns" });
  if (ofCluster || second === undefined) return nobody({ kind: "no-such-form" });
  if (path.server === "cluster" && labels.length === 2 && lookup.hasNamespace(second)) {
    return nobody({ kind: "no-service", namespace: second, name: first, namespaceKnown: true });
  }
  return { kind: "elsewhere", records: [], name: query };
}

const nobody = (because: NoName): DnsAnswer => ({ kind: "nxdomain", because });

/** A client sees the first answer that leads anywhere, else that some name existed, else that none did. */
function outcomeOf(attempts: readonly Attempt[]): DnsAnswer {
  const answers = attempts.map((attempt) => attempt.answer);
  const last = answers.at(-1);
  if (last?.kind === "records" || last?.kind === "elsewhere") return last;
  const empty = answers.find((given) => given.kind === "nodata");
  if (empty !== undefined) return empty;
  const [most] = attempts
    .flatMap(({ query, answer: given }) => (given.kind === "nxdomain" ? [{ query, because: given.because }] : []))
    .sort((one, other) => telling(other) - telling(one));
  return nobody(most?.because ?? { kind: "no-such-form" });
}

/** How much a reason says about what was meant: several questions fail for several reasons. */
function telling({ query, because }: { readonly query: string; readonly because: NoName }): number {
  switch (because.kind) {
    case "no-endpoints":
    case "no-external-name":
      return 5;
    case "no-service": {
      const whole = `${query}.`.startsWith(`${because.name}.${because.namespace}.`);
      if (!whole) return 1;
      return because.namespaceKnown ? 4 : 2;
    }
    case "no-host":
    case "no-port":
      return 3;
    case "not-cluster-dns":
      return 1;
    case "no-such-form":
      return 0;
  }
}
