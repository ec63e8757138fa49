import { type Message, message } from "../core/base/message.ts";
import type { Call, ExitStatus } from "./call.ts";
import { check } from "./check.ts";
import { compare } from "./compare.ts";
import { dns } from "./dns.ts";
import { endpoints } from "./endpoints.ts";
import { env } from "./env.ts";
import { explain } from "./explain.ts";
import { iptables } from "./iptables.ts";
import { lsp } from "./lsp.ts";
import type { OptionName } from "./options.ts";
import { services } from "./services.ts";
import { simulate } from "./simulate.ts";

/** One command of the program. */
export interface Command {
  readonly name: string;
  /** What it takes besides options, as its help shows it. */
  readonly operands: string;
  readonly summary: Message;
  /** Options of its own, besides those of every command. */
  readonly options: readonly OptionName[];
  readonly examples: readonly string[];
  readonly run: (call: Call) => Promise<ExitStatus>;
}

/** Every command, in the order in which the help shows them. */
export const commands: readonly Command[] = [
  {
    name: "check",
    operands: "[PATH…]",
    summary: message`reports what is wrong, where, and what to do about it`,
    options: ["fail-on", "severity"],
    examples: [
      "portolan check",
      "portolan check k8s/ --fail-on warning",
      "kustomize build overlays/prod | portolan check -",
      "portolan check --severity orphan-service=error --format json",
    ],
    run: check,
  },
  {
    name: "services",
    operands: "[PATH…]",
    summary: message`lists the Services: type, ports, endpoints, findings, file`,
    options: [],
    examples: ["portolan services", "portolan services k8s/ --format json"],
    run: services,
  },
  {
    name: "endpoints",
    operands: "[NAMESPACE/]SERVICE [PATH…]",
    summary: message`shows what stands behind a Service, port by port`,
    options: [],
    examples: ["portolan endpoints web", "portolan endpoints shop/web k8s/ --scope plain:k8s/dev"],
    run: endpoints,
  },
  {
    name: "dns",
    operands: "[NAMESPACE/]SERVICE [PATH…]",
    summary: message`lists the DNS records of a Service, and the short names that lead to it`,
    options: [],
    examples: ["portolan dns shop/web"],
    run: dns,
  },
  {
    name: "env",
    operands: "KIND/[NAMESPACE/]NAME [PATH…]",
    summary: message`lists the environment variables about Services that a workload's containers get`,
    options: [],
    examples: ["portolan env deployment/web"],
    run: env,
  },
  {
    name: "iptables",
    operands: "[[NAMESPACE/]SERVICE] [PATH…]",
    summary: message`prints the rules that kube-proxy writes, for one Service or for all`,
    options: ["as", "proxy-mode", "node"],
    examples: ["portolan iptables shop/web", "portolan iptables --as restore --node node-2 k8s/"],
    run: iptables,
  },
  {
    name: "simulate",
    operands: "--from SOURCE --to DESTINATION [PATH…]",
    summary: message`follows one request: name, rules, endpoint, and what the client sees`,
    options: ["from", "to", "protocol", "proxy-mode", "rules"],
    examples: [
      "portolan simulate --from deployment/web --to http://api.shop",
      "portolan simulate --from external --to node-1:30080",
      "portolan simulate --rules node-1.iptables --from pod:shop/web --to http://api.shop",
    ],
    run: simulate,
  },
  {
    name: "compare",
    operands: "FILE [PATH…]",
    summary: message`compares the rules of a real node with what the manifests come to`,
    options: [],
    examples: ["portolan compare node-1.iptables k8s/", "ssh node-1 sudo iptables-save | portolan compare -"],
    run: compare,
  },
  {
    name: "explain",
    operands: "[RULE]",
    summary: message`explains a rule, or lists all rules`,
    options: [],
    examples: ["portolan explain", "portolan explain orphan-service"],
    run: explain,
  },
  {
    name: "lsp",
    operands: "--stdio",
    summary: message`starts the language server, for editors`,
    options: ["stdio"],
    examples: ["portolan lsp --stdio"],
    run: lsp,
  },
];
