// What iptables calls its options, as far as their order and number of values depend on it.

/** Options that need no module, by all their names, with the short one. */
export const coreNames: ReadonlyMap<string, string> = new Map([
  ...["-s", "--source", "--src"].map((name) => [name, "-s"] as const),
  ...["-d", "--destination", "--dst"].map((name) => [name, "-d"] as const),
  ...["-p", "--protocol", "--proto"].map((name) => [name, "-p"] as const),
  ...["-i", "--in-interface"].map((name) => [name, "-i"] as const),
  ...["-o", "--out-interface"].map((name) => [name, "-o"] as const),
  ...["-f", "--fragment"].map((name) => [name, "-f"] as const),
]);

/** The options that name the target. */
export const jumps: ReadonlySet<string> = new Set(["-j", "--jump", "-g", "--goto"]);

/** Options of the program, which say nothing about packets. */
export const withoutMeaning: ReadonlySet<string> = new Set([
  "-4",
  "--ipv4",
  "-6",
  "--ipv6",
  "-w",
  "--wait",
  "-n",
  "-v",
  "-x",
]);

/** Options whose value may look like anything, because a person wrote it. */
export const freeTexts: ReadonlySet<string> = new Set([
  ...["--comment", "--log-prefix", "--nflog-prefix", "--string", "--hex-string"],
]);

/** Options whose values are counted; all others take what stands before the next option. */
export const mostValues: ReadonlyMap<string, number> = new Map([
  ...[...coreNames.keys()].map((name) => [name, name === "-f" || name === "--fragment" ? 0 : 1] as const),
  ...[...jumps, "-m", "--match", "-t", "--table"].map((name) => [name, 1] as const),
  ...["-c", "--set-counters", "--tcp-flags", "--match-set"].map((name) => [name, 2] as const),
  ...[...freeTexts].map((name) => [name, 1] as const),
]);

/** Options of the modules of protocols, which may stand apart from their module. */
export const protocolOptions: ReadonlySet<string> = new Set([
  "--dport",
  "--destination-port",
  "--sport",
  "--source-port",
  "--tcp-flags",
  "--syn",
  "--tcp-option",
  "--icmp-type",
  "--icmpv6-type",
  "--chunk-types",
]);

/** Modules that have these options, by the names that `-m` and `-p` take. */
export const protocolModules: ReadonlySet<string> = new Set([
  ...["tcp", "udp", "udplite", "sctp", "dccp", "icmp", "icmp6", "icmpv6", "ipv6-icmp"],
]);
