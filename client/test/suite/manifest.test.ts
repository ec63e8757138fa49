import assert from "node:assert/strict";
import * as vscode from "vscode";
import { beaconName, openBeacon, selector } from "./beacon.ts";
import { closeAll, eventually, findings, hoverText, lenses, positionIn, remove, replace } from "./workbench.ts";

describe("a manifest in the editor", () => {
  const path = "lights/beacon.yaml";
  let document: vscode.TextDocument;

  beforeEach(async () => {
    document = await openBeacon(path);
  });

  afterEach(async () => {
    await closeAll();
    await remove(path);
  });

  it("shows an orphan Service until an edit gives it pods", async () => {
    await replace(document, selector.right, selector.wrong);
    const [finding] = await eventually("a finding", () => {
      const all = findings(document.uri);
      return all.length > 0 ? all : undefined;
    });
    assert.equal(codeOf(finding), "orphan-service");
    assert.ok(finding);
    assert.match(document.getText(finding.range), /selector|app|beakon/);

    await replace(document, selector.wrong, selector.right);
    await eventually("no finding any more", () => findings(document.uri).length === 0 || undefined);
  });

  it("offers the edit that gives an orphan Service its pods", async () => {
    await replace(document, selector.right, selector.wrong);
    const fix = await eventually("a quick fix", async () => {
      const finding = findings(document.uri)[0];
      if (finding === undefined) return undefined;
      const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
        "vscode.executeCodeActionProvider",
        document.uri,
        finding.range,
        vscode.CodeActionKind.QuickFix.value,
      );
      return actions.find(({ edit }) => edit !== undefined);
    });
    assert.ok(fix.edit && (await vscode.workspace.applyEdit(fix.edit)));
    assert.ok(document.getText().includes(selector.right));
    await eventually("no finding any more", () => findings(document.uri).length === 0 || undefined);
  });

  it("says above a Service where it leads", async () => {
    const titles = await eventually("lenses above the Service", async () => {
      const found = (await lenses(document.uri)).filter(({ range }) => range.start.line < 5);
      return found.length >= 4 ? found.map(({ command }) => command?.title ?? "") : undefined;
    });
    for (const expected of [/\b2 endpoints\b/, beaconName, "Simulate request", "iptables path"]) {
      const says = (title: string) => (typeof expected === "string" ? title.includes(expected) : expected.test(title));
      assert.ok(titles.some(says), `${expected} is not among ${JSON.stringify(titles)}`);
    }
  });

  it("names the Service in the cluster's DNS on hover", async () => {
    const text = await eventually("a hover", async () => {
      return (await hoverText(document.uri, positionIn(document, "beacon"))) || undefined;
    });
    assert.ok(text.includes(beaconName), text);
  });
});

function codeOf(diagnostic: vscode.Diagnostic | undefined): string | number | undefined {
  const code = diagnostic?.code;
  return typeof code === "object" ? code.value : code;
}
