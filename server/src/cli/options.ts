import { type Message, message } from "../core/base/message.ts";

/** One option of the command line. */
export interface Option {
  /** What stands for its value in the help; absent for a switch. */
  readonly value?: string;
  /** It may be given several times. */
  readonly multiple?: boolean;
  readonly short?: string;
  readonly help: Message;
}

/** Every option of every command. An option means the same wherever it is allowed. */
export const options = {
  format: { value: "text|json", help: message`how to print the result: for people, or for programs` },
  scope: {
    value: "NAME",
    help: message`the scope to look at where a Service is in several, such as ${"plain:shop"}`,
  },
  config: {
    value: "FILE",
    help: message`a settings file, in place of the nearest ${".portolan.yaml"} upwards from each manifest`,
  },
  locale: { value: "en|zh-cn", help: message`the language of messages` },
  "no-color": { help: message`no colours on a terminal; ${"NO_COLOR"} in the environment does the same` },
  help: { short: "h", help: message`what a command does, and its options` },
  version: { help: message`the version of Portolan` },
  "fail-on": {
    value: "error|warning|information|hint|never",
    help: message`the lowest severity that makes the exit status 1 (default: ${"error"})`,
  },
  severity: {
    value: "RULE=off|hint|information|warning|error",
    multiple: true,
    help: message`the severity of one rule; may be given several times, and wins over the settings`,
  },
  as: {
    value: "save|restore|list",
    help: message`the form: what ${"iptables-save"} prints (default), what ${"iptables-restore"} reads, or what ${"iptables -L -n -v"} lists; in nftables mode, what ${"nft list table"} prints or ${"nft -f"} reads`,
  },
  "proxy-mode": {
    value: "iptables|nftables|ipvs|userspace",
    help: message`the mode of kube-proxy, in place of the one in the settings`,
  },
  node: { value: "NAME", help: message`the node whose rules to print (default: the first one)` },
  from: {
    value: "SOURCE",
    help: message`who sends the request: ${"pod:[NAMESPACE/]NAME"}, ${"KIND/[NAMESPACE/]NAME"}, ${"node:NAME"} or ${"external[:IP]"}`,
  },
  to: {
    value: "DESTINATION",
    help: message`where to: ${"HOST[:PORT]"} or a URL; a host is a DNS name, an IP address, a node or a variable`,
  },
  protocol: {
    value: "tcp|udp|sctp",
    help: message`the transport protocol (default: the one that the URL implies, or ${"tcp"})`,
  },
  rules: {
    value: "FILE",
    help: message`the rules of a real node, as ${"iptables-save"} prints them, in place of those that kube-proxy would write`,
  },
  stdio: { help: message`speaks over standard input and output` },
} as const satisfies Readonly<Record<string, Option>>;

export type OptionName = keyof typeof options;

/** Options that every command has. */
export const commonOptions = [
  "format",
  "scope",
  "config",
  "locale",
  "no-color",
  "help",
  "version",
] as const satisfies readonly OptionName[];
