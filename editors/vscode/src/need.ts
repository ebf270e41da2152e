/** Whether the window has something to check. Until then, no process is started. */

import * as vscode from "vscode";
import { FILES, isConfiguration, mayHoldJob } from "./candidates";

const MAX_FILES = 2_000;
const MAX_BYTES = 5 * 1024 * 1024;
const PAUSE_MILLISECONDS = 300;
const SCHEMES = new Set(["file", "untitled", "vscode-notebook-cell"]);

/** Resolves once a text that is open, or a file of the window's folders, may hold a tuning job. */
export class Need implements vscode.Disposable {
  readonly found: Promise<void>;
  private readonly subscriptions: vscode.Disposable[] = [];
  private readonly cancellation = new vscode.CancellationTokenSource();
  private readonly waiting = new Map<string, NodeJS.Timeout>();
  private resolve: () => void = () => undefined;

  constructor() {
    this.found = new Promise(resolve => (this.resolve = resolve));
    this.subscriptions.push(
      vscode.workspace.onDidOpenTextDocument(document => this.look(document)),
      vscode.workspace.onDidChangeTextDocument(event => this.lookLater(event.document)),
      vscode.workspace.onDidChangeWorkspaceFolders(() => void this.lookInFolders()),
    );
    vscode.workspace.textDocuments.forEach(document => this.look(document));
    void this.lookInFolders();
  }

  dispose(): void {
    this.cancellation.cancel();
    this.subscriptions.forEach(subscription => subscription.dispose());
    this.waiting.forEach(timer => clearTimeout(timer));
  }

  private end(): void {
    this.dispose();
    this.resolve();
  }

  private look(document: vscode.TextDocument): void {
    if (!SCHEMES.has(document.uri.scheme)) {
      return;
    }
    const text = document.getText();
    if (isConfiguration(document.uri.path, text) || mayHoldJob(text)) {
      this.end();
    }
  }

  private lookLater(document: vscode.TextDocument): void {
    const key = document.uri.toString();
    clearTimeout(this.waiting.get(key));
    this.waiting.set(
      key,
      setTimeout(() => this.look(document), PAUSE_MILLISECONDS),
    );
  }

  private async lookInFolders(): Promise<void> {
    const token = this.cancellation.token;
    const configurations = await vscode.workspace.findFiles("**/hpolint.toml", undefined, 1, token);
    if (configurations.length > 0) {
      this.end();
      return;
    }
    for (const uri of await vscode.workspace.findFiles(FILES, undefined, MAX_FILES, token)) {
      if (token.isCancellationRequested) {
        return;
      }
      if (uri.scheme === "file" && mayHoldJob(await textOf(uri))) {
        this.end();
        return;
      }
    }
  }
}

/** The text of a file; none of one that is large or cannot be read. */
async function textOf(uri: vscode.Uri): Promise<string> {
  try {
    const { size } = await vscode.workspace.fs.stat(uri);
    return size <= MAX_BYTES ? Buffer.from(await vscode.workspace.fs.readFile(uri)).toString("utf-8") : "";
  } catch {
    return "";
  }
}
