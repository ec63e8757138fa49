import * as vscode from "vscode";
import { type LanguageClient, LSPErrorCodes, ResponseError } from "vscode-languageclient/node";
import {
  CHOICES_REQUEST,
  type Choice,
  type Choices,
  type ChoicesParams,
  PAGE_REQUEST,
  type PageQuery,
} from "../../server/src/lsp/protocol.ts";
import { holdsRules } from "./services.ts";

/** How many answers are remembered. */
const memorySize = 5;

/** Asks from where and to where, and remembers the answers; `undefined` where the reader steps back. */
export async function pickRequest(
  client: LanguageClient,
  memory: vscode.Memento,
  start: ChoicesParams | undefined,
): Promise<PageQuery | undefined> {
  if (start === undefined) return undefined;
  const { sources } = await client.sendRequest<Choices>(CHOICES_REQUEST, start);
  const source = await pick(memory, "sources", sources, {
    title: vscode.l10n.t("Simulate request: from where?"),
    placeholder: vscode.l10n.t("A pod, a workload, a node, or external"),
    step: 1,
    takes: (typed) => /^(external$|(pod:|node:|external:|\w+\/).)/.test(typed),
  });
  if (source === undefined) return undefined;
  const params: ChoicesParams = { ...start, source };
  const kind = traceKind(start.uri);
  const { destinations } = await client.sendRequest<Choices>(CHOICES_REQUEST, params);
  const destination = await pick(memory, "destinations", destinations, {
    title: vscode.l10n.t("Simulate request: to where?"),
    placeholder: vscode.l10n.t("A name, an address or a URL, as you would type it in a shell"),
    step: 2,
    takes: (typed) => typed !== "",
    complaintAbout: (answer) => complaintAbout(client, { kind, uri: start.uri, source, destination: answer }),
  });
  return destination === undefined ? undefined : { kind, uri: start.uri, source, destination };
}

/** Why the server can follow no such request; `undefined` where it can, and where that has to be seen. */
async function complaintAbout(client: LanguageClient, query: PageQuery): Promise<string | undefined> {
  try {
    await client.sendRequest(PAGE_REQUEST, query);
    return undefined;
  } catch (reason) {
    return reason instanceof ResponseError && reason.code === LSPErrorCodes.RequestFailed ? reason.message : undefined;
  }
}

/** Through which rules a request goes that starts from a text: those of a real node, where it holds any. */
export function traceKind(uri: string): "trace" | "rules-trace" {
  const document = vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri);
  return document !== undefined && holdsRules(document) ? "rules-trace" : "trace";
}

interface Question {
  readonly title: string;
  readonly placeholder: string;
  readonly step: number;
  /** Whether a typed text is a whole answer, or only narrows the choices. */
  readonly takes: (typed: string) => boolean;
  /** What is wrong with an answer, so that another one has to be given; asked when it is. */
  readonly complaintAbout?: (answer: string) => Promise<string | undefined>;
}

interface Answer extends vscode.QuickPickItem {
  readonly value?: string;
}

/** A quick pick that takes what is typed as well, if it can be an answer. */
function pick(
  memory: vscode.Memento,
  key: string,
  choices: readonly Choice[],
  { title, placeholder, step, takes, complaintAbout }: Question,
): Promise<string | undefined> {
  const lately = memory.get<readonly string[]>(key, []);
  const items = answers(choices, lately);
  const box = vscode.window.createQuickPick<Answer>();
  Object.assign(box, { title, placeholder, step, totalSteps: 2, items, matchOnDescription: true });
  box.onDidChangeValue((text) => {
    const typed = text.trim();
    const isNew = takes(typed) && !items.some(({ value }) => value === typed);
    // Last in the list, first on the screen, where the best match stands: the editor tells which item is chosen by its
    // place in the list, and a quick hand may still mean the list of before.
    box.items = isNew ? [...items, { label: typed, value: typed, alwaysShow: true }] : items;
  });
  return new Promise((resolve) => {
    box.onDidAccept(async () => {
      const typed = box.value.trim();
      const value = box.selectedItems[0]?.value ?? (takes(typed) ? typed : undefined);
      if (value === undefined) return;
      const complaint = await complaintAbout?.(value);
      if (complaint !== undefined) {
        if (box.value.trim() === typed) box.items = [{ label: value, detail: complaint, alwaysShow: true }];
        return;
      }
      resolve(value);
      void memory.update(key, [value, ...lately.filter((one) => one !== value)].slice(0, memorySize));
      box.hide();
    });
    box.onDidHide(() => {
      resolve(undefined);
      box.dispose();
    });
    box.show();
  });
}

/** The proposals, and before them those that were given lately. */
function answers(choices: readonly Choice[], lately: readonly string[]): readonly Answer[] {
  const asItem = ({ value, label, detail }: Choice): Answer => ({ label, description: detail, value });
  const known = new Map(choices.map((choice) => [choice.value, asItem(choice)]));
  const recent = lately.map((value) => known.get(value) ?? { label: value, value });
  const rest = choices.filter(({ value }) => !lately.includes(value)).map(asItem);
  if (recent.length === 0) return rest;
  const separator = (label: string): Answer => ({ label, kind: vscode.QuickPickItemKind.Separator });
  return [separator(vscode.l10n.t("recently used")), ...recent, separator(vscode.l10n.t("in this workspace")), ...rest];
}
