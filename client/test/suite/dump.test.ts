import assert from "node:assert/strict";
import * as vscode from "vscode";
import {
  clickLens,
  closeAll,
  eventually,
  fileUri,
  findings,
  hoverText,
  lenses,
  open,
  positionIn,
  shownPage,
} from "./workbench.ts";

describe("the iptables-save of a node", () => {
  let document: vscode.TextDocument;

  beforeEach(async () => {
    document = await open(fileUri("shop/node-1.iptables"));
    await eventually("lenses", async () => (await lenses(document.uri)).length > 0 || undefined);
  });

  afterEach(closeAll);

  it("opens with the Services of the workspace behind its chains", async () => {
    assert.equal(document.languageId, "iptables-rules");
    const chain = positionIn(document, "KUBE-SVC-I5LIAMPLWKMBJ54B");
    const hover = await eventually("a hover that knows the Service", async () => {
      const text = await hoverText(document.uri, chain);
      return text.includes("shop/cart") ? text : undefined;
    });
    assert.match(hover, /10\.42\.126\.103:8080/);
    const complaint = await eventually("a hint at what no manifest defines", () =>
      findings(document.uri).find(({ message }) => message.includes("shop/payments:grpc")),
    );
    assert.equal(complaint.severity, vscode.DiagnosticSeverity.Hint);
  });

  it("lets a request through", async () => {
    await vscode.commands.executeCommand("portolan.simulateRequest", {
      uri: document.uri.toString(),
      source: "Deployment/shop/storefront",
      destination: "http://checkout.shop",
    });
    const page = await eventually("the trace", () => shownPage("portolan-trace"));
    const text = await eventually("its text", () => page.document.getText() || undefined);
    assert.match(text, /^ +1\/2 +10\.42\.44\.104:8080 /m);
    const links = await vscode.commands.executeCommand<vscode.DocumentLink[]>(
      "vscode.executeLinkProvider",
      page.document.uri,
    );
    const rule = links.find(({ range }) => page.document.getText(range).endsWith("--to-destination 10.42.44.104:8080"));
    assert.match(rule?.tooltip ?? "", /shop\/node-1\.iptables/);
  });

  it("is compared with the manifests, and again when those change", async () => {
    await clickLens(document.uri, /Compare/);
    const page = await eventually("the comparison", () => shownPage("portolan-trace"));
    const text = await eventually("its text", () => page.document.getText() || undefined);
    assert.match(text, /^shop\/checkout:http/m);
    assert.match(text, /2 endpoints on the node, none by the manifests/);

    const manifest = await open(fileUri("shop/checkout.yaml"));
    const edit = new vscode.WorkspaceEdit();
    const slip = manifest.getText().indexOf("chekcout");
    const range = new vscode.Range(manifest.positionAt(slip), manifest.positionAt(slip + "chekcout".length));
    edit.replace(manifest.uri, range, "checkout");
    assert.ok(await vscode.workspace.applyEdit(edit));
    await eventually("one difference fewer", () =>
      page.document.getText().includes("2 endpoints on the node, none") ? undefined : true,
    );
  });
});
