import { TextDocument } from "vscode-languageserver-textdocument";
import { list, type Message, message, quote } from "../core/base/message.ts";
import type { DocumentUri } from "../core/base/source.ts";
import type { Cluster } from "../core/cluster/cluster.ts";
import type { RulesText } from "../core/cluster/iptables/reading/read-rules.ts";
import { compareRules } from "../core/cluster/node-rules/comparison/compare-rules.ts";
import { parseSource } from "../core/cluster/simulation/parse-request.ts";
import { findChoices } from "../core/features/choices.ts";
import { endpointsPage } from "../core/features/endpoints-page.ts";
import { comparisonPage } from "../core/features/node-rules/comparison-page.ts";
import { findRulesChoices } from "../core/features/node-rules/rules-choices.ts";
import { rulesTracePage, traceInRules } from "../core/features/node-rules/rules-trace-page.ts";
import { type Page, renderPage } from "../core/features/page.ts";
import { rulesMode, rulesPage, rulesTitle } from "../core/features/rules-page.ts";
import { tracePage, traceRequest } from "../core/features/trace-page.ts";
import type { ServiceManifest } from "../core/manifest/model.ts";
import { type Converter, rangeOf, say } from "./convert.ts";
import type { Choices, ChoicesParams, PageLink, PageQuery, PageResult, ServiceReference } from "./protocol.ts";
import { keyOf, nameIn } from "./uris.ts";

/** Why there is no such page: the Service is gone, the request is none. */
export interface NoPage {
  readonly error: Message;
}

/** A page, and the title of its document. */
export interface TitledPage {
  readonly title: string;
  readonly page: Page;
  readonly language?: NonNullable<PageResult["language"]>;
}

/** What pages are written from. */
export interface PageHost {
  readonly cluster: Cluster;
  readonly converter: Converter;
  /** The rules of a node in an open text. */
  readonly rulesIn: (key: DocumentUri) => RulesText | undefined;
}

/** Writes a page about the workspace as it is. */
export function writePage({ cluster, converter, rulesIn }: PageHost, query: PageQuery): TitledPage | NoPage {
  switch (query.kind) {
    case "endpoints": {
      const service = findService(cluster, query.service);
      if (service === undefined) return noService(query.service);
      const resolutions = cluster.placed(service);
      const names = new Set(
        resolutions.map((placed) => `${placed.service.name.value}.${placed.service.namespace.value}`),
      );
      const title = message`Endpoints of ${list([...names], "comma")}`;
      return { title: say(converter, title), page: endpointsPage(cluster, resolutions) };
    }
    case "iptables": {
      const service = query.service && findService(cluster, query.service);
      if (query.service && service === undefined) return noService(query.service);
      const { form, mode, node } = query;
      const rules = { form, ...(service && { service }), ...(mode && { mode }), ...(node !== undefined && { node }) };
      const from = service?.range.uri ?? keyOf(query.uri);
      const written = { title: rulesTitle(cluster, from, rules), page: rulesPage(cluster, from, rules) };
      return rulesMode(cluster, from, rules) === "nftables" ? { ...written, language: "nft-rules" } : written;
    }
    case "trace": {
      const { uri, source, destination, protocol } = query;
      const trace = traceRequest(cluster, keyOf(uri), source, destination, protocol);
      if ("error" in trace) return trace;
      return { title: titleOf(source, destination), page: tracePage(trace) };
    }
    case "rules-trace": {
      const rules = rulesIn(keyOf(query.uri));
      if (rules === undefined) return notOpen(converter, query.uri);
      const { source, destination, protocol } = query;
      const trace = traceInRules(cluster, rules, source, destination, protocol);
      if ("error" in trace) return trace;
      return { title: `${titleOf(source, destination)} · ${lastPart(rules.uri)}`, page: rulesTracePage(trace) };
    }
    case "rules-comparison": {
      const rules = rulesIn(keyOf(query.uri));
      if (rules === undefined) return notOpen(converter, query.uri);
      const title = message`${lastPart(rules.uri)} and the manifests`;
      return { title: say(converter, title), page: comparisonPage(compareRules(cluster, rules.uri, rules)) };
    }
  }
}

const titleOf = (source: string, destination: string): string =>
  `${lastPart(source)} → ${destination.replace(/^https?:\/\//i, "")}`;

/** Rules are no part of the workspace: what is not open is not known. */
const notOpen = ({ snapshot }: Converter, uri: string): NoPage => ({
  error: message`open ${quote(nameIn(snapshot.roots, keyOf(uri)))} first`,
});

/** A tab has room for the name alone. */
const lastPart = (source: string): string => source.slice(source.lastIndexOf("/") + 1);

/** What a request can be simulated between, as seen from a text. */
export function listChoices(
  { cluster, converter, rulesIn }: PageHost,
  { uri, service, source }: ChoicesParams,
): Choices {
  const found = service && findService(cluster, service);
  const chosen = source === undefined ? undefined : parseSource(source);
  const known = chosen !== undefined && !("error" in chosen) ? chosen : undefined;
  const rules = rulesIn(keyOf(uri));
  const { sources, destinations } = rules
    ? findRulesChoices(cluster, rules.uri, rules)
    : findChoices(cluster, keyOf(uri), found, known);
  const worded = ({ value, detail }: (typeof sources)[number]) => ({
    value,
    label: value,
    detail: say(converter, detail),
  });
  return { sources: sources.map(worded), destinations: destinations.map(worded) };
}

/** The Service of a reference; one of its name elsewhere, where its text defines it no more. */
export function findService({ snapshot }: Cluster, reference: ServiceReference): ServiceManifest | undefined {
  const uri = keyOf(reference.uri);
  const candidates = (snapshot.index.servicesByName.get(reference.name) ?? []).filter(
    ({ namespace }) => namespace.value === reference.namespace,
  );
  return candidates.find(({ range }) => range.uri === uri) ?? candidates[0];
}

const noService = ({ namespace, name }: ServiceReference): NoPage => ({
  error: message`there is no Service ${quote(`${namespace}/${name}`)}`,
});

/** A page as text, with the YAML that its pieces lead to. */
export function pageResult(converter: Converter, { title, page, language }: TitledPage): PageResult {
  const { text, spans } = renderPage(page, converter.bundle);
  const lines = TextDocument.create("", "", 0, text);
  const links = spans.flatMap(({ start, end, source }): PageLink[] => {
    const range = source && rangeOf(converter, source);
    if (source === undefined || range === undefined) return [];
    return [
      {
        range: { start: lines.positionAt(start), end: lines.positionAt(end) },
        target: { uri: converter.uriOf(source.uri), range },
      },
    ];
  });
  return { title, text, links, ...(language && { language }) };
}
