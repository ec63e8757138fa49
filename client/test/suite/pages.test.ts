import assert from "node:assert/strict";
import * as vscode from "vscode";
import { beaconName, openBeacon, selector } from "./beacon.ts";
import { clickLens, closeAll, eventually, lenses, remove, replace, shownPage } from "./workbench.ts";

describe("a page about a Service", () => {
  const path = "lights/beacon.yaml";
  let document: vscode.TextDocument;

  beforeEach(async () => {
    document = await openBeacon(path);
    await eventually("lenses", async () => (await lenses(document.uri)).length > 0 || undefined);
  });

  afterEach(async () => {
    await closeAll();
    await remove(path);
  });

  it("lists the endpoints beside the manifest and follows an edit", async () => {
    await clickLens(document.uri, /endpoints/);
    const page = await eventually("the endpoints", () => shownPage("portolan-endpoints"));
    assert.notEqual(page.viewColumn, vscode.ViewColumn.One);
    const addresses = new Set(page.document.getText().match(/\b(?:\d+\.){3}\d+:8080\b|\b(?:\d+\.){3}\d+\b/g));
    assert.ok(addresses.size >= 2, page.document.getText());
    assert.notEqual(vscode.workspace.fs.isWritableFileSystem(page.document.uri.scheme), true);

    const before = page.document.getText();
    await replace(document, "replicas: 2", "replicas: 3");
    await eventually("another text", () => page.document.getText() !== before || undefined);
    const after = new Set(page.document.getText().match(/\b(?:\d+\.){3}\d+\b/g));
    assert.ok(after.size > 0 && page.document.getText().length > before.length, page.document.getText());

    await replace(document, selector.right, selector.wrong);
    await eventually("no lamp any more", () => !page.document.getText().includes("lamp-") || undefined);
  });

  it("follows a request to a pod, without asking where everything is given", async () => {
    await vscode.commands.executeCommand("portolan.simulateRequest", {
      uri: document.uri.toString(),
      source: "Deployment/lamp",
      destination: "http://beacon.lights",
    });
    const page = await eventually("the trace", () => shownPage("portolan-trace"));
    const text = await eventually("its text", () => page.document.getText() || undefined);
    assert.ok(text.includes(beaconName), text);
    assert.ok(text.includes("8080"), text);
    assert.match(text, /KUBE-SVC-[A-Z2-7]{16}/);
  });

  it("prints the rules that kube-proxy writes for it", async () => {
    await clickLens(document.uri, /iptables/);
    const page = await eventually("the rules", () => shownPage("iptables-rules"));
    const text = await eventually("their text", () => page.document.getText() || undefined);
    assert.match(text, /^-A KUBE-SERVICES .*lights\/beacon:http cluster IP/m);
    assert.match(text, /^-A KUBE-SEP-[A-Z2-7]{16} .*-j DNAT --to-destination \S+:8080$/m);
  });

  it("prints the rules of two modes side by side", async () => {
    const uri = document.uri.toString();
    const service = { uri, namespace: "lights", name: "beacon" };
    await vscode.commands.executeCommand("portolan.compareProxyModes", { service, mode: "nftables" });
    const page = await eventually("the rules of nftables mode", () => shownPage("nft-rules"));
    const text = await eventually("their text", () => page.document.getText() || undefined);
    assert.match(text, /^\tchain service-[A-Z2-7]{8}-lights\/beacon\/tcp\/http \{$/m);
    const other = await eventually("the rules of iptables mode", () => shownPage("iptables-rules"));
    assert.notEqual(page.viewColumn, other.viewColumn);

    const chain = page.document.positionAt(text.indexOf("goto service-") + "goto serv".length);
    const [place] = await vscode.commands.executeCommand<vscode.Location[]>(
      "vscode.executeDefinitionProvider",
      page.document.uri,
      chain,
    );
    assert.match(page.document.lineAt(place?.range.start.line ?? 0).text, /^\tchain service-/);
    const symbols = await vscode.commands.executeCommand<vscode.DocumentSymbol[]>(
      "vscode.executeDocumentSymbolProvider",
      page.document.uri,
    );
    assert.ok(symbols.some(({ name }) => name === "service-ips"));
  });

  it("copies the DNS name", async () => {
    await vscode.env.clipboard.writeText("");
    await clickLens(document.uri, new RegExp(beaconName.replaceAll(".", "\\.")));
    const copied = await eventually(
      "a text on the clipboard",
      async () => (await vscode.env.clipboard.readText()) || undefined,
    );
    assert.equal(copied, beaconName);
  });
});
