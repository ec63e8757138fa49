/**
 * What client and server say to each other beyond the Language Server Protocol: method names and plain types. This file
 * imports nothing, so that both sides can share it.
 */

/** `portolan/page`: asks for a page of text about the workspace as it is now. */
export const PAGE_REQUEST = "portolan/page";

/** `portolan/choices`: asks what a request can be simulated between. */
export const CHOICES_REQUEST = "portolan/choices";

/** `portolan/changed`: the server tells that pages may read differently now. */
export const CHANGED_NOTIFICATION = "portolan/changed";

/**
 * What our extension says of itself in `initializationOptions`. Another editor runs the commands of lenses through
 * `workspace/executeCommand`.
 */
export interface InitializationOptions {
  /** The editor runs the commands of lenses itself. */
  readonly runsCommands?: boolean;
}

/** Names one Service by the text that defines it. */
export interface ServiceReference {
  readonly uri: string;
  readonly namespace: string;
  readonly name: string;
}

/**
 * The commands that lenses carry. An extension of ours runs them in the editor; for any other editor the server does, with
 * nothing but documents, messages and questions of the Language Server Protocol.
 */
export const lensCommands = [
  "portolan.showEndpoints",
  "portolan.simulateRequest",
  "portolan.showIptables",
  "portolan.copyDnsName",
  "portolan.openServices",
  "portolan.compareRules",
] as const;

export type LensCommand = (typeof lensCommands)[number];

/** Whether a value that came with a command names a Service. */
export function isServiceReference(value: unknown): value is ServiceReference {
  if (typeof value !== "object" || value === null) return false;
  const { uri, namespace, name } = value as Partial<Record<string, unknown>>;
  return typeof uri === "string" && typeof namespace === "string" && typeof name === "string";
}

export type PageQuery =
  | { readonly kind: "endpoints"; readonly service: ServiceReference }
  | {
      readonly kind: "iptables";
      /** The text from which the workspace is seen. */
      readonly uri: string;
      /** Only the chains of this Service; of all of them otherwise. */
      readonly service?: ServiceReference;
      readonly form: "save" | "restore" | "list";
      /** The mode of kube-proxy; that of the settings if it is not given. */
      readonly mode?: "iptables" | "nftables" | "ipvs" | "userspace";
      readonly node?: string;
    }
  | {
      readonly kind: "trace";
      readonly uri: string;
      /** `pod:shop/web-0`, `Deployment/web`, `node:node-1`, `external`. */
      readonly source: string;
      /** `HOST[:PORT]` or a URL. */
      readonly destination: string;
      readonly protocol?: "tcp" | "udp" | "sctp";
    }
  | {
      /** A request through the rules of a real node. */
      readonly kind: "rules-trace";
      /** An open text that holds them. */
      readonly uri: string;
      readonly source: string;
      readonly destination: string;
      readonly protocol?: "tcp" | "udp" | "sctp";
    }
  /** The rules of a real node beside what the manifests come to. */
  | { readonly kind: "rules-comparison"; readonly uri: string };

export interface PageResult {
  /** For the tab of the document. */
  readonly title: string;
  /** The language of the text, where it is not the one of all pages of its kind. */
  readonly language?: "nft-rules";
  readonly text: string;
  readonly links: readonly PageLink[];
}

/** A piece of a page and the YAML that causes it. */
export interface PageLink {
  readonly range: PageRange;
  readonly target: { readonly uri: string; readonly range: PageRange };
}

/** Lines and UTF-16 columns, counted from 0; half-open. */
export interface PageRange {
  readonly start: { readonly line: number; readonly character: number };
  readonly end: { readonly line: number; readonly character: number };
}

export interface ChoicesParams {
  /** The text from which the workspace is seen; one that holds the rules of a node proposes what these know. */
  readonly uri: string;
  /** Proposes destinations that reach this Service first. */
  readonly service?: ServiceReference;
  /** As a trace's {@link PageQuery} takes it; destinations that it can reach come first. */
  readonly source?: string;
}

export interface Choices {
  readonly sources: readonly Choice[];
  readonly destinations: readonly Choice[];
}

export interface Choice {
  /** What a {@link PageQuery} takes. */
  readonly value: string;
  readonly label: string;
  readonly detail: string;
}
