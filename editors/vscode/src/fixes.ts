/** All safe fixes of a document or notebook at once. */

import * as vscode from "vscode";
import { CodeAction, CodeActionRequest, CodeActionResolveRequest, Command } from "vscode-languageclient/node";
import type { Client } from "./client";

const FIX_ALL = "source.fixAll.hpolint";
const NOTEBOOK_FIX_ALL = vscode.CodeActionKind.Notebook.append(FIX_ALL);
const MAX_ATTEMPTS = 2; // VS Code may refuse an edit of cells that it has not shown yet
const CELL = "vscode-notebook-cell";

/** Apply the safe fixes of the active editor's text, in a notebook those of all its cells. */
export async function fixAll(): Promise<void> {
  const document = activeDocument();
  if (document === undefined) {
    void vscode.window.showInformationMessage("hpolint: no file is open.");
    return;
  }
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const edit = await allFixes(document);
    if (edit === undefined) {
      void vscode.window.showInformationMessage("hpolint has no safe fix here.");
      return;
    }
    if (await vscode.workspace.applyEdit(edit)) {
      return;
    }
  }
  void vscode.window.showWarningMessage("hpolint: VS Code has not applied the fixes. Run the command again.");
}

/** The edit that applies all safe fixes of a document, or of the notebook of a cell. */
async function allFixes(document: vscode.TextDocument): Promise<vscode.WorkspaceEdit | undefined> {
  const kind = document.uri.scheme === CELL ? NOTEBOOK_FIX_ALL.value : FIX_ALL;
  const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
    "vscode.executeCodeActionProvider",
    document.uri,
    wholeRange(document),
    kind,
    1, // the first one is resolved
  );
  return actions.find(action => action.kind?.value === kind)?.edit;
}

function activeDocument(): vscode.TextDocument | undefined {
  const notebook = vscode.window.activeNotebookEditor?.notebook;
  const cell = notebook?.getCells().find(each => each.kind === vscode.NotebookCellKind.Code);
  return vscode.window.activeTextEditor?.document ?? cell?.document;
}

function wholeRange(document: vscode.TextDocument): vscode.Range {
  return new vscode.Range(0, 0, document.lineCount, 0);
}

/**
 * Offers the safe fixes of all cells, as VS Code asks for them when a notebook is saved.
 *
 * VS Code asks about the first cell, which may hold Markdown: the client of the server is asked about Python only.
 */
export class NotebookFixes implements vscode.CodeActionProvider {
  static readonly selector: vscode.DocumentSelector = { notebookType: "jupyter-notebook" };
  static readonly metadata: vscode.CodeActionProviderMetadata = { providedCodeActionKinds: [NOTEBOOK_FIX_ALL] };

  constructor(private readonly clientOf: () => Client | undefined) {}

  async provideCodeActions(
    document: vscode.TextDocument,
    _range: vscode.Range,
    context: vscode.CodeActionContext,
    token: vscode.CancellationToken,
  ): Promise<vscode.CodeAction[]> {
    const client = this.clientOf();
    if (client === undefined || !context.only?.contains(NOTEBOOK_FIX_ALL)) {
      return [];
    }
    const { code2ProtocolConverter, protocol2CodeConverter } = client;
    const asked = {
      textDocument: code2ProtocolConverter.asTextDocumentIdentifier(document),
      range: code2ProtocolConverter.asRange(wholeRange(document)),
      context: { diagnostics: [], only: [kindOf(client)] },
    };
    const offered = (await client.sendRequest(CodeActionRequest.type, asked, token)) ?? [];
    const [first] = offered.filter((each): each is CodeAction => !Command.is(each)); // one without its edit yet is one, too
    if (first === undefined) {
      return [];
    }
    const resolved =
      first.edit === undefined ? await client.sendRequest(CodeActionResolveRequest.type, first, token) : first;
    const action = new vscode.CodeAction(first.title, NOTEBOOK_FIX_ALL);
    action.edit = await protocol2CodeConverter.asWorkspaceEdit(resolved.edit, token);
    return [action];
  }
}

/** Whether VS Code asks for what it does to a whole notebook, which `NotebookFixes` answers. */
export function isAboutNotebook(context: vscode.CodeActionContext): boolean {
  return context.only !== undefined && vscode.CodeActionKind.Notebook.contains(context.only);
}

/** The kind by which the server has the fixes of a whole notebook. */
function kindOf(client: Client): string {
  const provider = client.initializeResult?.capabilities.codeActionProvider;
  const kinds = typeof provider === "object" ? (provider.codeActionKinds ?? []) : [];
  return kinds.some(kind => NOTEBOOK_FIX_ALL.value.startsWith(kind)) ? NOTEBOOK_FIX_ALL.value : FIX_ALL;
}
